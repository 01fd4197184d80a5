package model

import (
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis/metric"
)

// operation is how margins become answers.
type operation struct {
	calibration Calibration
	single      float64 // added to the margin of an hour without history
	utility     OperatingPoint
	alert       AlertPoint
}

// hours are those of some stays, one stay after the other: what a model that never saw them says, and what was true.
type hours struct {
	hospitals []string // of the stays
	lengths   []int    // of the stays
	septic    []bool
	margins   []float64
	gains     []float64 // utility of alarm less utility of silence
}

func (h *hours) add(hospital string, septic []bool, margins, gains []float64) {
	h.hospitals, h.lengths = append(h.hospitals, hospital), append(h.lengths, len(septic))
	h.septic, h.margins, h.gains = append(h.septic, septic...), append(h.margins, margins...), append(h.gains, gains...)
}

// operate fits calibration and operating points; source says what the probabilities are of.
func (h *hours) operate(source string) (operation, error) {
	calibration, err := calibrate(h.septic, h.margins)
	if err != nil {
		return operation{}, err
	}
	probabilities := make([]float64, len(h.margins))
	for i, margin := range h.margins {
		probabilities[i] = calibration.Probability(margin)
	}
	choice, err := metric.BestThreshold(probabilities, h.gains)
	if err != nil {
		return operation{}, fmt.Errorf("threshold: %w", err)
	}
	utility := OperatingPoint{Name: "utility", Threshold: choice.Threshold, Choice: "highest Challenge utility of " + source}
	return operation{calibration: calibration, utility: utility, alert: chooseAlert(h.peaks(probabilities), choice.Threshold, source)}, nil
}

func (h *hours) peaks(probabilities []float64) []peak {
	peaks := make([]peak, len(h.lengths))
	from := 0
	for i, length := range h.lengths {
		peaks[i] = peakOf(h.hospitals[i], h.septic[from:from+length], probabilities[from:from+length])
		from += length
	}
	return peaks
}

// calibrate fits the Challenge's label on the margins by logistic regression.
func calibrate(septic []bool, margins []float64) (Calibration, error) {
	probabilities := make([]float64, len(margins))
	for row, margin := range margins {
		probabilities[row] = 1 / (1 + math.Exp(-margin))
	}
	fit, err := metric.Recalibrate(septic, probabilities, nil)
	if err != nil {
		return Calibration{}, tooLittle("calibration: %v: give more stays, septic and others", err)
	}
	if fit.Slope <= 0 {
		return Calibration{}, tooLittle("the margins fall as sepsis gets likelier: the trees know nothing of these stays; give more stays")
	}
	return Calibration(fit), nil
}
