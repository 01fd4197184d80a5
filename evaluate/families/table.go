package families

import (
	"fmt"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis/evaluate"
)

// Table writes the comparison as three Markdown tables: what each family reaches, how far it is from the first one, and what
// it costs.
func (c *Comparison) Table() string {
	var b strings.Builder
	line := func(cells ...string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line("out of fold", "of", "Challenge utility", "AUROC", "AUPRC", "Brier score", "calibration slope")
	line("---", "---", "---", "---", "---", "---", "---")
	for _, f := range c.Families {
		for _, g := range f.Groups {
			line(f.Name, g.Name, g.Utility.Digits(3), g.AUROC.Digits(3), g.AUPRC.Digits(3), g.Brier.Digits(5), g.CalibrationSlope.Digits(3))
		}
	}
	b.WriteString("\n")
	first := c.Families[0].Name
	line("less that of "+first, "Challenge utility", "AUROC", "AUPRC")
	line("---", "---", "---", "---")
	for _, f := range c.Families[1:] {
		line(f.Name, f.OverUtility.Digits(3), f.OverAUROC.Digits(3), f.OverAUPRC.Digits(3))
	}
	b.WriteString("\n")
	line("family", "training, all folds", "of it preparing", "1,000 hours on one thread", "size, all folds, packed")
	line("---", "---", "---", "---", "---")
	for _, f := range c.Families {
		training := seconds(f.TrainSeconds)
		if f.Name == evaluate.WithoutNetwork {
			training = "with the first"
		}
		line(f.Name, training, seconds(f.PrepareSeconds), seconds(f.PredictSeconds), size(f.Bytes))
	}
	return b.String()
}

// seconds writes a time with the digits that it deserves.
func seconds(s float64) string {
	elapsed := time.Duration(s * float64(time.Second))
	if elapsed >= 10*time.Second {
		return elapsed.Round(time.Second).String()
	}
	if elapsed >= 100*time.Millisecond {
		return elapsed.Round(100 * time.Millisecond).String()
	}
	return elapsed.Round(10 * time.Microsecond).String()
}

// size writes a number of bytes in thousands.
func size(bytes int) string { return fmt.Sprintf("%.1f kB", float64(bytes)/1000) }
