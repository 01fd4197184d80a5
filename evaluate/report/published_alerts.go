package report

import (
	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/evaluate"
)

// Sources of the figures that others published of their alerts.
const (
	wong2021  = "Wong et al. 2021, doi:10.1001/jamainternmed.2021.2626 (PMC8218233)"
	wong2026  = "JAMA Network Open 2026, PMC12949446"
	countyEDs = "JAMIA Open 2024, doi:10.1093/jamiaopen/ooae133 (PubMed 39545248)"
	composer  = "Shashikumar et al. 2021, doi:10.1038/s41746-021-00504-6 (PMC8429719)"
	composer2 = composer + ", Fig. 2"
	moor2023  = "Moor et al. 2023, doi:10.1016/j.eclinm.2023.102124 (PMC10425671)"
	trews     = "Adams et al. 2022, Nature Medicine, doi:10.1038/s41591-022-01894-0"
)

// noneOfTheKind stands beside a published figure to which this report has no like.
const noneOfTheKind = "none of this kind"

// publishedAlert is one figure that others published, beside ours of the same kind.
type publishedAlert struct {
	kind, system, figure string
	ours                 func(r *evaluate.Report) string
	differs, source      string
}

// publishedAlerts are ordered by kind of figure. Figures that could not be traced to a source are left out.
var publishedAlerts = []publishedAlert{
	{
		"alerts that are right (PPV)", "Epic Sepsis Model, version 2", "13 to 26 % (range)", ourPPV,
		"theirs: 227,091 encounters of whole hospitals at four systems, prospective; ours: stays in intensive care, out of fold, adjusted to a common share of septic ones", wong2026,
	},
	{
		"alerts that are right (PPV)", "Epic Sepsis Model, version 1, in emergency departments", "7.6 % (no interval)", noOurs,
		"theirs: 145,885 encounters of emergency departments, sepsis within 6 hours; ours are counted by stay or by alarm", countyEDs,
	},
	{
		"alerts that are right (PPV)", "Epic's model, in intensive care", "31.2 % (no interval)", ourPPV,
		"theirs: one hospital, as the authors of COMPOSER measured it; ours: by stay, adjusted to a common share of septic ones", composer2,
	},
	{
		"septic patients without an alert", "Epic Sepsis Model, version 1", "67 % (1,709 of 2,552)", ourMissed,
		"theirs: hospital stays on all wards, a score of 6 or more; ours: stays in intensive care, an alert at or before onset", wong2021,
	},
	{
		"false alarms per patient-hour", "Epic's model, in intensive care", "0.132 (no interval)", ourFalseAlarms,
		"theirs by the authors' rule, at a specificity of 84.3 %: if each hour above the threshold counts, our time in alarm is nearer to it; ours counts unbroken runs of alarm hours that touch no hour near an onset", composer2,
	},
	{
		"answers that are indeterminate", "COMPOSER", "some 20 % of windows of patients without sepsis, 8 % of those with it", ourIndeterminate,
		"theirs: by a conformal check alone; ours: by that, and by too little or too old data, of all hours", composer,
	},
	{
		"hours of warning, median", "COMPOSER, in intensive care", "12.2 (quartiles 3.2 and 22.8)", ourLeadTime,
		"theirs: before the first antibiotics; ours: from the beginning of the last alarm to an onset that is computed from records", composer,
	},
	{
		"AUROC, at hospitals learnt from and others", "COMPOSER, in intensive care", "0.925 to 0.953 (range over cohorts)", ourAUROCs,
		"other patients, label and horizon; theirs over cohorts of two hospital systems", composer,
	},
	{
		"AUROC, at hospitals learnt from", "Moor et al., four databases", "0.846 (0.841 to 0.852)", ourAUROC,
		"theirs: mean of the databases, where 18.8 % of stays are septic, each model measured in the database that it learnt from; ours: hours of two hospitals together", moor2023,
	},
	{
		"AUROC, at hospitals not learnt from", "Moor et al., four databases", "0.761 (0.746 to 0.770)", ourAUROCElsewhere,
		"theirs: mean of the databases, where 18.8 % of stays are septic; ours: each hospital by itself", moor2023,
	},
	{
		"AUROC, at hospitals not learnt from", "Epic Sepsis Model, version 1", "0.63 (0.62 to 0.64)", ourAUROCElsewhere,
		"theirs: one risk for a hospital stay; ours: each hour in intensive care", wong2021,
	},
	{
		"AUROC, in use", "Epic Sepsis Model, version 2", "0.82 to 0.92 (range)", noOurs,
		"theirs: encounters of whole hospitals, prospective; ours was never measured so", wong2026,
	},
	{
		"effect on mortality in hospital", "TREWS", "3.3 points lower (1.7 to 5.1)", noOurs,
		"theirs: 6,877 septic patients, those whose alert was confirmed within 3 hours against the others, adjusted, not randomised; ours was never tried at a bedside", trews,
	},
}

const notTheSameAlerts = "Alerts of others are measured in other patients, by other definitions of sepsis, at other thresholds and by other rules of counting. The last columns say how, as far as it is known; no ranking follows."

// publishedAlertsTable holds what others published of their alerts beside our figures of the same kind.
func publishedAlertsTable(r *evaluate.Report) *table {
	t := &table{Caption: "What others published of their alerts", Header: []string{"figure", "system", "published", "here", "how the measures differ", "source"}, Words: true}
	for _, p := range publishedAlerts {
		t.add(p.kind, p.system, p.figure, p.ours(r), p.differs, p.source)
	}
	return t
}

func noOurs(*evaluate.Report) string { return noneOfTheKind }

// ofTheAlert is a figure of the alert out of fold, of all hospitals.
func ofTheAlert(r *evaluate.Report, figure func(w *evaluate.WardView) string) string {
	w := wardOf(r, pooledName, alertPoint)
	if w == nil {
		return notMeasured
	}
	return figure(w)
}

func ourPPV(r *evaluate.Report) string { return ofTheAlert(r, adjustedPPV) }

func ourMissed(r *evaluate.Report) string {
	return ofTheAlert(r, func(w *evaluate.WardView) string { return percent(complement(w.StaySensitivity)) })
}

func ourFalseAlarms(r *evaluate.Report) string {
	return ofTheAlert(r, func(w *evaluate.WardView) string {
		return interval(w.FalseAlarmsPerPatientHour, 4) + "; time in alarm " + percent(w.AlarmTime)
	})
}

func ourLeadTime(r *evaluate.Report) string {
	return ofTheAlert(r, func(w *evaluate.WardView) string { return median(w.LeadTimeCurrent) })
}

func ourIndeterminate(r *evaluate.Report) string {
	for _, part := range r.Reliability {
		if part.Level == string(sepsis.Indeterminate) {
			return percent(part.Share) + " of hours"
		}
	}
	return notMeasured
}

func ourAUROC(r *evaluate.Report) string {
	if g := pooled(r); g != nil {
		return interval(g.AUROC, 3)
	}
	return notMeasured
}

func ourAUROCs(r *evaluate.Report) string {
	return "learnt from: " + ourAUROC(r) + "; not: " + ourAUROCElsewhere(r)
}

// ourAUROCElsewhere is of the recipe that ships.
func ourAUROCElsewhere(r *evaluate.Report) string {
	return carriedTo(r, evaluate.AsIs, auroc)
}
