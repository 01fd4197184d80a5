package evaluate

import (
	"fmt"
	"strings"
)

// Table writes the evidence as a Markdown table, a column for each group.
func (e *Evidence) Table() string {
	var b strings.Builder
	write := func(name string, cell func(g *Group) string) {
		b.WriteString("| " + name + " |")
		for i := range e.Groups {
			b.WriteString(" " + cell(&e.Groups[i]) + " |")
		}
		b.WriteString("\n")
	}
	figure := func(name string, of func(g *Group) *Figure) {
		write(name, func(g *Group) string { return of(g).Digits(3) })
	}
	write("out of fold", func(g *Group) string { return g.Name })
	write("---", func(*Group) string { return "---" })
	write("stays, septic", func(g *Group) string { return fmt.Sprintf("%d, %d", g.Stays, g.SepticStays) })
	write("hours, labelled", func(g *Group) string { return fmt.Sprintf("%d, %.2f %%", g.Hours, 100*g.Prevalence) })
	figure("Challenge utility", func(g *Group) *Figure { return g.Utility })
	figure("– of counting ICU hours", func(g *Group) *Figure { return g.HoursRule })
	figure("AUROC", func(g *Group) *Figure { return g.AUROC })
	figure("AUPRC", func(g *Group) *Figure { return g.AUPRC })
	write("Brier score", func(g *Group) string { return g.Brier.Digits(5) })
	figure("calibration slope", func(g *Group) *Figure { return g.CalibrationSlope })
	figure("calibration in the large", func(g *Group) *Figure { return g.CalibrationInLarge })
	figure("sensitivity (hours)", func(g *Group) *Figure { return g.Sensitivity })
	figure("specificity (hours)", func(g *Group) *Figure { return g.Specificity })
	figure("PPV (hours)", func(g *Group) *Figure { return g.PPV })
	ofStays := func(name string, of func(g *Group) *Figure) {
		write(name, func(g *Group) string {
			if g.Name == NowOnly { // evidence of bundles may have figures of its hours here
				return "–"
			}
			return of(g).Digits(3)
		})
	}
	ofStays("septic stays alarmed by onset, however early", func(g *Group) *Figure { return g.StaySensitivity })
	ofStays("other stays ever alarmed", func(g *Group) *Figure { return g.StayFalseAlarm })
	return b.String()
}
