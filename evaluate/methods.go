package evaluate

import (
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// atHomePart is the part of the cross-validation, whose method tells of the stays, too.
const atHomePart = "at_home"

// methods says how each part of the report is made, and how it is to be read.
func methods(resamples int) []Method {
	return []Method{
		{"intervals", fmt.Sprintf("All intervals are 95 %% percentile intervals over %d bootstrap draws of stays, by the same draws for whatever is "+
			"compared, so that a difference is taken within each draw. They hold the trained models, calibrations and thresholds fixed: they tell "+
			"how far the figure depends on the stays it was measured on, not how another training would have come out. With so many draws an end is known to about an eighth of a "+
			"standard error: where one lies nearer to 0 than that, other draws might judge otherwise. Draws in which a figure is not defined, as without any septic stay, are left out of its interval; one that less than half of the draws define is undefined.", resamples)},
		{atHomePart, method(model.Left{})},
		{"baselines", "Each rule alarms from a threshold on that was chosen for the highest Challenge utility on the other folds, as the model's " +
			"is. Bedside scores are computed each hour from the latest values of 24 hours; parts that were not measured are left out, and an hour " +
			"of which no part is known ranks below all others and is no alarm. Consciousness, urine output, ventilation and vasopressors are not in the data."},
		{"phases", "Hours are divided by the ICU hour. The utility of a phase is the share of what was to be had in it. The Brier score is compared " +
			"with always answering the phase's own share of labelled hours, which is the best that a constant can do."},
		{"ward", "An episode is an unbroken run of alarm hours. Onset is 6 hours after the first labelled hour; where the label holds from the first " +
			"hour on, the true onset may be earlier, and the figures of known onset leave these stays out. The window goes from 12 hours before onset " +
			"to 3 hours after it, when the Challenge rewards an alarm. Septic stays end 3 hours after onset. Thresholds are those of the other folds. " +
			fmt.Sprintf("The PPV of stays is also given as it would be if %g %% of stays were septic (Wong et al. 2021, ", 100*model.AlertPrevalence) +
			"doi:10.1001/jamainternmed.2021.2626): by Bayes' rule in each draw, from the septic stays alarmed in time, the septic stays ever alarmed and " +
			"the other stays ever alarmed. Intervals hold the thresholds fixed. That of the alert is chosen so that this PPV reaches its target on the other folds, at the " +
			"hospital where it is least; out of fold it comes back near the target there, by construction, and what the alert is worth shows in how many septic stays it " +
			"finds at that price, in the alarms, and in the PPV elsewhere."},
		{"hysteresis", "Other rules at the threshold of the alert, which is that of the other folds, on the same stays."},
		{"calibration", "Hours are sorted by probability and divided into tenths; the interval is of the observed share. Slope and " +
			"calibration in the large are those of logistic recalibration. The highest tenth is divided further. Without bins: the share of hours with the label at " +
			fmt.Sprintf("each risk by local linear regression on log odds, tricube weights to %g log odds either way, on %d pooled groups of hours; ", smoothedWidth, smoothedBins) +
			"the integrated calibration index is the mean distance of the risks from it (Austin and Steyerberg 2019, doi:10.1002/sim.8281). A curve through " +
			"drawn stays follows their chance, too, so distances are a little too large rather than too small, those of draws more so."},
		{"decision", "Net benefit for each hour: true positives less false positives times the odds of the threshold probability (Vickers and Elkin 2006, " +
			"doi:10.1177/0272989X06295361). Alarming nobody has 0."},
		{"subgroups", "Figures of parts of the cohort, with the thresholds of the whole. Where hours are divided and not stays, there are no figures over stays."},
		{"hour_bands", "Discrimination among hours of about the same time since ICU admission, of the model and of the ICU hour alone: what the model knows " +
			"beside the time. Utility: the share of what was to be had in the band, of the model and of counting hours by the best hour of the whole cohort."},
		{"importance", "Share of the loss reduction of all splits in the trees of a fold: mean, lowest and highest of the folds. It tells what the " +
			"trees use, not what the network beside them does, nor what causes sepsis, and correlated variables share it at will."},
		{"transfers", "Trained, calibrated and given its threshold on one hospital by cross-validation within it, then measured on all stays of the other, " +
			"of which no label is used. The portable recipe was chosen by its figures on these same two transfers, so they are somewhat hopeful; there " +
			"is no third hospital. The oracle threshold is chosen on the other hospital's labels: it tells what the threshold alone costs, " +
			"and is no figure that a hospital would get. The hours rule beside it is the best for the other hospital, chosen on its labels too. What its wards " +
			"would see is counted as at home, at both operating points as they were chosen at the hospital of training."},
		{"recalibrated", "Calibration and both thresholds of a carried model are fitted to labelled stays of one half of the other hospital, as sepsis model " +
			"recalibrate does, and measured on the other half, and the halves swapped; trees and networks stay as they are. Halves are dealt out by what was measured in a stay. Before and " +
			"after are of the same stays in the same draws. Fitted to few stays, one choice of them, evenly picked, is shown; another would give other thresholds, which " +
			"the intervals do not hold."},
		{"degraded", "The fold's own model predicts stays of which less is given than was recorded, with the operating points that were chosen on whole " +
			"input. Every eighth hour is learnt from without laboratory values, too, and every sixth without its history, so that of these ways only the half is new to the model. Differences are paired, from the same hours with whole input, and from counting ICU hours, which no poorer input hides: by the best hour of the " +
			"cohort for the utility, by the hour itself for the AUROC."},
		{"ablation", "Trained again without a group of families of features, by a quicker recipe, and compared with all features by the same recipe. " +
			fmt.Sprintf("Each side is trained %d times by the same seeds, and the figures are means over these trainings. A difference has two intervals: the bootstrap over stays, which ", quickTrainings) +
			"holds the trainings fixed, and Student's over the trainings, which holds the stays fixed; it is called beyond noise where the interval of both together, the root of the sum of the " +
			"squares of their half-widths, does not hold 0. Families are grouped because what one " +
			"tells, others may tell as well, and because each more would cost as many trainings: a small loss does not mean that a group is not used."},
		{"without_hours", "Trained again, by the quicker recipe, without the ICU hour and every count of measurements or hours, over the stay or a window. " +
			fmt.Sprintf("Both sides are trained %d times by the same seeds, as in the ablation; bands of hours are of the first training. ", quickTrainings) +
			"What a day's routine leaves in the other features still hints at the time; how much, the rank correlation (Spearman) of the features left " +
			fmt.Sprintf("with the ICU hour in the first %d hours shows: of the %d that go most with it and are known in half of these hours or more, ", hintHours, numHints) +
			fmt.Sprintf("in at most %d stays.", hintStays)},
		{"reliability", "The level that the answer of each hour carries (" + levelNames() + "), by a reference made of the other folds."},
		{"conformal", "Share of hours that the conformal check alone flags, at each level at which answers are doubted, by a reference made of the other " +
			"folds; carried: by one made of the stays of the hospital of training. Hours of one stay are alike, so what a level promises holds on " +
			"average over many stays and not within one. Snapshots are sent without their history."},
	}
}

// levelNames are the levels of reliability, from the best on.
func levelNames() string {
	names := make([]string, len(sepsis.ReliabilityLevels))
	for i, level := range sepsis.ReliabilityLevels {
		names[i] = string(level)
	}
	return strings.Join(names, ", ")
}
