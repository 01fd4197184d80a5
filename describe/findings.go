package describe

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Block is a piece of Markdown that a document takes in by name.
type Block struct {
	Name     string
	Caption  string
	Markdown string
}

// listed is how many rows the lists of the findings have.
const listed = 6

// Findings are the tables of the findings that shape a model, short enough for a page.
func (r *Report) Findings() []Block {
	var blocks []Block
	add := func(name string, t *Table) { blocks = append(blocks, Block{name, t.Caption, t.Markdown()}) }
	add("cohort", r.cohortTable())
	add("subgroups", r.subgroupTable())
	add("onset", r.onsetTable())
	add("hours", r.hourTable(longBands))
	add("measured", r.measuredTable())
	add("contrasts", r.contrastTable(listed))
	add("habits", r.habitTable(listed))
	for i := range r.Pairs {
		suffix := ""
		if len(r.Pairs) > 1 {
			suffix = fmt.Sprintf("-%s-%s", r.Pairs[i].First, r.Pairs[i].Second)
		}
		add("differences"+suffix, r.Pairs[i].differenceTable(listed))
		add("measuring"+suffix, r.Pairs[i].measuringTable(listed))
	}
	add("cleaning", r.cleaningTable())
	add("units", r.unitTable())
	add("doubts", r.doubtTable(false))
	add("correlations", r.correlationTable(listed))
	return blocks
}

// FindingsPage is a Markdown page of all blocks, with the markers that [Refill] looks for.
func (r *Report) FindingsPage() []byte {
	var page bytes.Buffer
	page.WriteString("# What is in the data\n\nMade by `sepsis data report`.\n")
	if r.Synthetic {
		page.WriteString("\n" + syntheticNotice + "\n")
	}
	for _, block := range r.Findings() {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n%s%s%s\n", block.Name, block.Caption, opening(block.Name), "\n"+block.Markdown, closing)
	}
	return page.Bytes()
}

const syntheticNotice = "**The stays are synthetic: these figures say nothing of patients.**"

// Markers of a generated part of a document; the name stands in the first, see opening.
const (
	openingStart = "<!-- generated: "
	markerEnd    = " -->"
	closing      = "<!-- generated end -->"
)

// opening begins the generated part with a name.
func opening(name string) string { return openingStart + name + markerEnd }

// Refill replaces what stands between the lines "<!-- generated: NAME -->" and "<!-- generated end -->" of a document by the
// block of that name. A name without a block, a part that is not closed, and a document without any part are errors
// that name the line.
func Refill(document []byte, blocks []Block) ([]byte, error) {
	markdown := make(map[string]string)
	for _, block := range blocks {
		markdown[block.Name] = block.Markdown
	}
	var filled bytes.Buffer
	openedAt, parts := 0, 0
	for i, line := range strings.SplitAfter(string(document), "\n") {
		marker := strings.TrimSpace(line)
		name, opens := strings.CutPrefix(marker, openingStart)
		closes := marker == closing
		switch {
		case opens && openedAt > 0, closes && openedAt == 0:
			return nil, fmt.Errorf("line %d: %q where none is expected; every generated part begins with its name and ends with %q", i+1, marker, closing)
		case opens:
			text, known := markdown[strings.TrimSuffix(name, markerEnd)]
			if !known {
				return nil, fmt.Errorf("line %d: there is no block for %q; FindingsPage lists the names", i+1, marker)
			}
			filled.WriteString(line + text)
			openedAt, parts = i+1, parts+1
		case closes:
			openedAt = 0
			filled.WriteString(line)
		case openedAt == 0:
			filled.WriteString(line)
		}
	}
	if openedAt > 0 {
		return nil, fmt.Errorf("line %d: the generated part is not closed by %q", openedAt, closing)
	}
	if parts == 0 {
		return nil, errors.New(`the document has no generated part: "` + opening("NAME") + `"`)
	}
	return filled.Bytes(), nil
}
