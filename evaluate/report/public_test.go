package report_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
)

// ofChallenge is the report as if it were of so many stays of the Challenge's sets.
func ofChallenge(a, b int) evaluate.Report {
	r := handMade()
	r.Data.Hospitals = []evaluate.Hospital{{Name: "training_setA", Stays: a, SepticStays: 110}, {Name: "training_setB", Stays: b, SepticStays: 90}}
	r.Data.Stays = a + b
	return r
}

// TestPartOfThePublicStays: wherever data are told of, it is said how many of the stays that anybody can fetch they are.
func TestPartOfThePublicStays(t *testing.T) {
	r := ofChallenge(16237, 15913)
	part := "not all stays that the Challenge published, but 32,150 of 40,336, 79.7 % (Reyna et al. 2020, doi:10.1097/CCM.0000000000004145): " +
		"16,237 of 20,336 of training_setA and 15,913 of 20,000 of training_setB."
	withheld := "8,186 stays that the Challenge published, 20.3 %, are not among these: nothing was trained on them, and no figure is of them."
	checklist := string(report.Tripod(r, nil))
	for number, want := range map[string]string{"5a": part, "10": part, "12a": withheld, "20a": withheld} {
		_, line, _ := strings.Cut(checklist, "\n| "+number+" | ")
		line, _, _ = strings.Cut(line, "\n")
		if !strings.Contains(line, want) {
			t.Errorf("item %s lacks %q: %s", number, want, line)
		}
	}
	if strings.Contains(checklist, "All data there are") {
		t.Error("the checklist takes a part for all that there is")
	}
	for name, text := range map[string]string{"page": readable(write(t, r)), "front page": string(report.FrontPage(&r))} {
		if !strings.Contains(text, part) || !strings.Contains(text, withheld) {
			t.Errorf("the %s does not say that it is of a part of the public stays", name)
		}
	}
}

// TestAllPublicStays: who fetched all is told so; of hospitals of one's own, and of more stays than are public, nothing is said.
func TestAllPublicStays(t *testing.T) {
	all, more := ofChallenge(20336, 20000), ofChallenge(20337, 20000)
	if text := string(report.Tripod(all, nil)); !strings.Contains(text, "These are all 40,336 stays that the Challenge published") || strings.Contains(text, "not among these") {
		t.Error("all public stays are not told as all")
	}
	for name, r := range map[string]evaluate.Report{"north and south": handMade(), "more than all": more, "nothing": {}} {
		if text := string(report.Tripod(r, nil)); strings.Contains(text, "the Challenge published") {
			t.Errorf("%s: told beside what is public", name)
		}
	}
}

// item is the line of the checklist with that number.
func item(r evaluate.Report, number string) string {
	_, line, _ := strings.Cut(string(report.Tripod(r, nil)), "\n| "+number+" | ")
	line, _, _ = strings.Cut(line, "\n")
	return line
}

// TestChecklistOfOwnRecords claims neither the Challenge's licence nor its making for them, and no hospital that was not left out.
func TestChecklistOfOwnRecords(t *testing.T) {
	own := handMade()
	own.Data.Hospitals, own.Transfers, own.Recalibrated = own.Data.Hospitals[:1], nil, nil
	checklist := string(report.Tripod(own, nil)) + readable(write(t, own))
	for _, claim := range []string{"CC BY", "sepsis data fetch", "public and de-identified", "The Challenge's authors", "public stays", "docs/data.md", "evaluation at a hospital system left out of it"} {
		if strings.Contains(checklist, claim) {
			t.Errorf("records of one's own are told to be %q", claim)
		}
	}
	for number, want := range map[string]string{
		"4": "Evaluation at a hospital left out of it is not part of this report", "18e": "not done | Not recorded", "17": "Not recorded", "8a": "partly | The column SepsisLabel", "6a": "1 hospital system.",
	} {
		if line := item(own, number); !strings.Contains(line, want) {
			t.Errorf("item %s: %q, want %q", number, line, want)
		}
	}
	if line := item(ofChallenge(16237, 15913), "18e"); !strings.Contains(line, "partly | The Challenge's data are public (CC BY 4.0)") || !strings.Contains(line, "is not published") {
		t.Errorf("of a part of the Challenge's stays, which nobody else can tell, item 18e: %q", line)
	}
	third := handMade()
	third.Data.Hospitals = append(third.Data.Hospitals, evaluate.Hospital{Name: "west", Stays: 10})
	if line := item(third, "23b"); strings.Contains(line, "two systems") {
		t.Errorf("of three hospitals item 23b: %q", line)
	}
	public := ofChallenge(20336, 20000)
	for number, want := range map[string]string{"4": "left out of it.", "18e": "answered | The Challenge's data are public (CC BY 4.0)", "5a": "doi:10.13026/v64v-d857"} {
		if line := item(public, number); !strings.Contains(line, want) {
			t.Errorf("of the Challenge's stays item %s: %q, want %q", number, line, want)
		}
	}
	evidence, err := report.EvidenceFile(&own, sepsis.ModelInfo{})
	if err != nil || strings.Contains(string(evidence), "CC BY") || !strings.Contains(string(evidence), "found on "+own.Data.Names[0]) {
		t.Errorf("the evidence of one's own records: %v, %.300s", err, evidence)
	}
	bare := evaluate.Report{Data: own.Data}
	if line := item(bare, "4"); !strings.Contains(line, "not done") {
		t.Errorf("without any figures item 4: %q", line)
	}
}

// TestSampleIsNotAll: a sample is not told as all stays in the files.
func TestSampleIsNotAll(t *testing.T) {
	r := handMade()
	r.Data.Sample = 1200
	if text := string(report.Tripod(r, nil)); !strings.Contains(text, "A sample of at most 1,200 stays of each hospital: 200 septic of 2,400.") {
		t.Error("item 10 does not tell a sample")
	}
}
