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
	figure := func(name string, of func(g *Group) Figure) {
		write(name, func(g *Group) string { f := of(g); return fmt.Sprintf("%.3f (%.3f to %.3f)", f.Value, f.Low, f.High) })
	}
	write("out of fold", func(g *Group) string { return g.Name })
	write("---", func(*Group) string { return "---" })
	write("stays, septic", func(g *Group) string { return fmt.Sprintf("%d, %d", g.Stays, g.SepticStays) })
	write("hours, labelled", func(g *Group) string { return fmt.Sprintf("%d, %.2f %%", g.Hours, 100*g.Prevalence) })
	figure("Challenge utility", func(g *Group) Figure { return g.Utility })
	figure("– of counting ICU hours", func(g *Group) Figure { return g.HoursRule })
	figure("AUROC", func(g *Group) Figure { return g.AUROC })
	figure("AUPRC", func(g *Group) Figure { return g.AUPRC })
	write("Brier score", func(g *Group) string {
		return fmt.Sprintf("%.5f (%.5f to %.5f)", g.Brier.Value, g.Brier.Low, g.Brier.High)
	})
	figure("calibration slope", func(g *Group) Figure { return g.CalibrationSlope })
	figure("calibration in the large", func(g *Group) Figure { return g.CalibrationInLarge })
	figure("sensitivity (hours)", func(g *Group) Figure { return g.Sensitivity })
	figure("specificity (hours)", func(g *Group) Figure { return g.Specificity })
	figure("PPV (hours)", func(g *Group) Figure { return g.PPV })
	figure("septic stays alarmed by onset", func(g *Group) Figure { return g.StaySensitivity })
	figure("other stays ever alarmed", func(g *Group) Figure { return g.StayFalseAlarm })
	return b.String()
}
