package report_test

import (
	"encoding/json"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

// fig is a figure with an interval of ± 0.01.
func fig(x float64) *evaluate.Figure {
	return &evaluate.Figure{Value: x, Low: x - 0.01, High: x + 0.01}
}

// group is a group of round figures about an AUROC.
func group(name string, area float64) evaluate.Group {
	return evaluate.Group{
		Name: name, Stays: 1200, SepticStays: 100, Hours: 48000, Prevalence: 0.02, Utility: fig(0.4), AUROC: fig(area), AUPRC: fig(0.12), Brier: fig(0.017),
		CalibrationSlope: fig(1), CalibrationInLarge: fig(0.05), Sensitivity: fig(0.6), Specificity: fig(0.85), PPV: fig(0.08), StaySensitivity: fig(0.83), StayFalseAlarm: fig(0.36), HoursRule: fig(0.28), OverHoursRule: fig(0.12),
	}
}

func quartiles(lower, median, upper float64) *evaluate.Quartiles {
	return &evaluate.Quartiles{Count: 83, Lower: fig(lower), Median: fig(median), Upper: fig(upper)}
}

func ward(hospital, point string, found, specificity float64) evaluate.WardView {
	return evaluate.WardView{
		Hospital: hospital, Point: point, Choice: "chosen by hand", Stays: 1200, Septic: 100, Hours: 48000, Episodes: 900, AlarmHour: 7000, OnsetUnknown: 15, AdjustedTo: 0.07,
		StaySensitivity: fig(found), StayTimely: fig(0.7), StaySpecificity: fig(specificity), StayPPV: fig(0.17), StayPPVAdjusted: fig(0.15), StaySepticEver: fig(0.9), StaySensitivityKnown: fig(found - 0.02), EpisodePPV: fig(0.1), EpisodeTimely: fig(0.08), HourPPV: fig(0.07),
		AlarmsPerPatientDay: fig(0.45), AlarmTime: fig(0.14), FalseAlarmsPerPatientHour: fig(0.02), LeadTime: quartiles(10, 27, 60), LeadTimeCurrent: quartiles(4, 9, 20), LeadTimeKnown: quartiles(12, 29, 61),
	}
}

// wide is a figure with an interval of ± 0.03.
func wide(x float64) *evaluate.Figure {
	return &evaluate.Figure{Value: x, Low: x - 0.03, High: x + 0.03}
}

// trainings are a difference of three trainings.
func trainings(x float64) *evaluate.OverTrainings {
	return &evaluate.OverTrainings{Each: []float64{x - 0.01, x, x + 0.01}, Mean: wide(x)}
}

func side(utility, inLarge, ppv float64) *evaluate.RecalibratedSide {
	s := &evaluate.RecalibratedSide{Group: group("south", 0.78), Alert: ward("south", "alert", 0.3, 0.9)}
	s.Group.Utility, s.Group.CalibrationInLarge, s.Alert.StayPPV = fig(utility), fig(inLarge), fig(ppv)
	return s
}

func band(from, to int, over float64) evaluate.HourBand {
	return evaluate.HourBand{
		FromHour: from, ToHour: to, Hours: 9000, SepticHours: 180, Prevalence: 0.02, Model: fig(0.75), Clock: fig(0.55), Over: fig(over),
		ModelAUPRC: fig(0.1), ClockAUPRC: fig(0.03), OverAUPRC: fig(0.07), ModelUtility: fig(0.2), ClockUtility: fig(0), OverUtility: fig(0.2),
	}
}

func baseline(name, english, hospital string, utility, over float64) evaluate.Baseline {
	return evaluate.Baseline{
		Name: name, English: english, Hospital: hospital, Known: 0.9, Thresholds: []float64{54, 54}, Utility: fig(utility), AUROC: fig(0.65), AUPRC: fig(0.04),
		ModelUtility: fig(over), ModelAUROC: fig(0.2), ModelAUPRC: fig(0.08), AtSensitivity: fig(0.5), AtSpecificity: fig(0.7),
	}
}

func transfer(from, to, variant string, utility, overHours float64, overAsIs *evaluate.Figure) evaluate.Transfer {
	t := evaluate.Transfer{
		From: from, To: to, Variant: variant, Description: "What " + variant + " does.", Group: group(to, 0.78), Threshold: 0.03, OracleUtility: fig(utility + 0.02), OracleThreshold: 0.02,
		HoursRuleHour: 53, HoursRuleFrom: fig(0.24), OverHoursRule: fig(overHours), OverAsIs: overAsIs, AUROCOverAsIs: overAsIs, HomeUtility: fig(0.4),
	}
	t.Group.Utility = fig(utility)
	return t
}

func importances(names ...string) []evaluate.VariableImportance {
	var all []evaluate.VariableImportance
	for i, name := range names {
		all = append(all, evaluate.VariableImportance{Name: name, English: "the " + name, Features: 3 + i, Share: fig(0.3 / float64(i+1))})
	}
	return all
}

// handMade is a report with something in every part, made up for reading.
func handMade() evaluate.Report {
	older := group("80 and older", 0.7)
	older.CalibrationInLarge = fig(-0.2)
	r := evaluate.Report{
		Format: evaluate.ReportFormat, Origin: evaluate.Origin{Command: "sepsis evaluate --data north.zip --data south.zip --seed 1", Version: "v0.1", GoVersion: "go1"},
		Data: evaluate.Data{
			Names: []string{"north.zip", "south.zip"}, Digest: "abc123", Stays: 2400, SepticStays: 200, Hours: 96000, SepticHours: 1920,
			Hospitals: []evaluate.Hospital{
				{Name: "north", Stays: 1200, SepticStays: 110, Hours: 48000, SepticHours: 1000},
				{Name: "south", Stays: 1200, SepticStays: 90, Hours: 48000, SepticHours: 920},
			},
		},
		Options: evaluate.Settings{Seed: 1, Resamples: 500, Training: json.RawMessage(`{"folds":5,"forecasts":{"rounds":60}}`), Quick: json.RawMessage(`{"folds":2}`), QuickFold: 2, Variants: []evaluate.Variant{{Name: evaluate.PortableRecipe, Options: json.RawMessage(`{"folds":4}`)}}},
		Methods: []evaluate.Method{
			{Part: "at_home", Text: "Five folds, patient-disjoint."},
			{Part: "ward", Text: "Unbroken runs of alarm hours."},
			{Part: "weather", Text: "A part that the page does not know."},
		},
		NotRun: []string{"astrology"},
		Served: &evaluate.Evidence{
			Method: "Files made anew, by hand.", Threshold: 0.024, Groups: []evaluate.Group{group("pooled", 0.845), group("north", 0.835), group("south", 0.865)},
		},
	}
	r.HomeParts = evaluate.HomeParts{
		AtHome: &evaluate.Evidence{
			Method: "Out of fold, by hand.", Threshold: 0.025, HoursRule: "Positive from ICU hour 54 on",
			Groups: []evaluate.Group{group("pooled", 0.84), group("north", 0.83), group("south", 0.86), group(evaluate.NowOnly, 0.81)}, Omitted: []string{"west"},
		},
		Baselines: []evaluate.Baseline{
			baseline("icu_hours", "hours in intensive care", "pooled", 0.28, 0.12), baseline("news2", "NEWS2", "pooled", 0.11, 0.29),
			baseline("icu_hours", "hours in intensive care", "north", 0.39, 0.005), baseline("news2", "NEWS2", "north", 0.1, 0.3),
		},
		Phases: []evaluate.Phase{
			{FromHour: 1, ToHour: 9, Group: group("", 0.8), PrevalenceBrier: fig(0.018), BrierSkill: fig(0.005)},
			{FromHour: 10, Group: group("", 0.84), PrevalenceBrier: fig(0.02), BrierSkill: fig(0.05)},
		},
		Ward: []evaluate.WardView{ward("pooled", "utility", 0.83, 0.64), ward("north", "utility", 0.86, 0.6), ward("pooled", "alert", 0.41, 0.94)},
		Hysteresis: []evaluate.AlertVariant{{
			Hospital: "pooled", Name: "without hysteresis", Description: "on above the threshold alone", AlarmsPerPatientDay: fig(0.2), StaySensitivity: fig(0.41), StayTimely: fig(0.3),
			StaySpecificity: fig(0.94), EpisodePPV: fig(0.2), AlarmTime: fig(0.03), AlarmsDifference: fig(0.1), SensitivityDifference: fig(0), TimelyDifference: fig(-0.02),
			SpecificityDifference: fig(0), EpisodePPVDifference: fig(-0.03), AlarmTimeDifference: fig(-0.01),
		}},
		Calibration: []evaluate.CalibrationDeciles{{
			Hospital: "pooled", Slope: fig(1), Intercept: fig(0), Bins: []evaluate.CalibrationPart{
				{Low: 0, High: 0.01, Hours: 4800, Predicted: 0.005, Observed: fig(0.02)}, {Low: 0.01, High: 0.4, Hours: 4800, Predicted: 0.05, Observed: fig(0.05)},
			}, Top: []evaluate.CalibrationPart{{Low: 0.1, High: 0.2, Hours: 480, Predicted: 0.14, Observed: fig(0.15)}, {Low: 0.2, High: 0.4, Hours: 96, Predicted: 0.3, Observed: fig(0.25)}},
			Smoothed: &evaluate.SmoothedCalibration{Index: fig(0.02), Watched: fig(0.03), Median: fig(0.015), Ninetieth: fig(0.04), Points: []evaluate.SmoothedPoint{
				{Predicted: 0.01, Observed: fig(0.012)}, {Predicted: 0.1, Observed: fig(0.11)},
			}},
		}},
		Decision: []evaluate.DecisionCurve{{Hospital: "pooled", Points: []evaluate.DecisionPoint{
			{Threshold: 0.01, Model: fig(0.011), All: fig(0.01), Advantage: fig(0.001)}, {Threshold: 0.05, Model: fig(0.004), All: fig(-0.03), Advantage: fig(0.004)},
		}}},
		ROC: []evaluate.Curve{{Name: "pooled", Area: fig(0.84), Level: 0.02, Points: []evaluate.CurvePoint{{X: 0, Y: 0, Threshold: 1}, {X: 0.2, Y: 0.7, Threshold: 0.02}, {X: 1, Y: 1, Threshold: 0}}}},
		PR:  []evaluate.Curve{{Name: "pooled", Area: fig(0.12), Level: 0.02, Points: []evaluate.CurvePoint{{X: 0, Y: 0.4, Threshold: 1}, {X: 1, Y: 0.02, Threshold: 0}}}},
		Subgroups: []evaluate.SubgroupSet{
			{Name: "age", Groups: []evaluate.Group{group("18 to 79", 0.85), older}, Omitted: []string{"under 18"}},
			{Name: "measured in the last 24 hours", ByHour: true, Groups: []evaluate.Group{group("little", 0.8)}},
			{Name: "nothing", Omitted: []string{"all of it"}},
		},
		HourBands:  []evaluate.HourBand{band(1, 6, 0.005), band(7, 0, 0.2)},
		Importance: &evaluate.Importance{Variables: importances("lactate", "temperature"), Families: importances("level"), Features: importances("lactate_last")},
	}
	r.Transfers = []evaluate.Transfer{transfer("north", "south", "as is", 0.28, 0, nil), transfer("north", "south", evaluate.AsIsAdapted, 0.34, 0.06, fig(0.06)), {
		From: "north", To: "south", Variant: evaluate.PortableRecipe, Description: "What portable does.", Failed: "too few septic stays", Group: evaluate.Group{Name: "south", Stays: 1200},
	}}
	r.Transfers[0].Ward = []evaluate.WardView{ward("south", "utility", 0.7, 0.5), ward("south", "alert", 0.25, 0.9)}
	r.Transfers[0].Ward[1].StayPPV = fig(0.1)
	r.Recalibrated = []evaluate.Recalibrated{
		{From: "north", To: "south", Variant: evaluate.AsIs, Asked: 500, Fitted: [2]int{498, 499}, Septic: [2]int{27, 31}, Failed: "27 septic and 471 other stays of adults: collect more"},
		{
			From: "north", To: "south", Variant: evaluate.AsIs, Fitted: [2]int{590, 600}, Septic: [2]int{44, 46}, Before: side(0.28, 0.4, 0.1), After: side(0.32, 0.02, 0.13), UtilityDifference: fig(0.04),
			SlopeDifference: fig(0.1), InLargeDifference: fig(-0.38), BrierDifference: fig(-0.001), AlertPPVDifference: fig(0.03), AlertPPVAtDifference: fig(0.02), SensitivityDifference: fig(0.005),
		},
	}
	r.Families = []evaluate.ModelFamily{
		{Name: "boosting", Description: "Ours.", Groups: []evaluate.Group{group("pooled", 0.84)}, TrainSeconds: 300, Bytes: 2_000_000},
		{Name: "logistic regression", Description: "Theirs.", Groups: []evaluate.Group{group("pooled", 0.8)}, OverUtility: fig(-0.06), OverAUROC: fig(-0.04), TrainSeconds: 40, Bytes: 9000},
	}
	r.Degraded = []evaluate.Degraded{
		{Name: "vitals only", Description: "No laboratory values.", Group: group("", 0.8), Utility: fig(-0.05), AUROC: fig(-0.04), ClockAUROC: fig(0.65), OverHoursAUROC: fig(0.15)},
		{Name: "half of the values", Description: "Every other value, by chance.", Group: group("", 0.81), Utility: fig(-0.03), AUROC: fig(-0.03), ClockAUROC: fig(0.65), OverHoursAUROC: fig(0.16)},
	}
	full := evaluate.Ablated{Features: 414, Utility: fig(0.4), AUROC: fig(0.84), AUPRC: fig(0.12), Brier: fig(0.017)}
	part := func(family string, difference float64) evaluate.AblationPart {
		return evaluate.AblationPart{
			Family: family, Meaning: "what " + family + " is", Ablated: full, UtilityDifference: fig(difference), AUROCDifference: fig(-0.005), AUPRCDifference: fig(-0.02),
			UtilityTrainings: trainings(difference), AUROCTrainings: trainings(-0.005), AUPRCTrainings: trainings(-0.02),
		}
	}
	r.Ablation = &evaluate.Ablation{Recipe: "two folds", Trainings: 3, Full: full, Parts: []evaluate.AblationPart{part("timing", -0.04), part("trend", -0.02), part("pattern", 0.02)}}
	r.WithoutHours = &evaluate.WithoutHours{
		Recipe: "two folds", Removed: []string{"icu_hour", "stay_hours"}, With: full, Without: full, UtilityDifference: fig(-0.1), AUROCDifference: fig(-0.03), Clock: fig(0.28), OverClock: fig(0.02),
		Bands: []evaluate.HourBand{band(1, 6, 0.1)}, Hints: []evaluate.TimeHint{{Feature: "lactate_age", Correlation: fig(0.6), Known: 0.75}},
		UtilityTrainings: trainings(-0.1), AUROCTrainings: trainings(-0.03),
	}
	levels := []evaluate.ConformalLevel{{Nominal: 0.01, All: fig(0.02), Labelled: fig(0.03), Other: fig(0.02)}, {Nominal: 0.001, All: fig(0.011), Labelled: fig(0.012), Other: fig(0.011)}}
	r.Conformal = []evaluate.ConformalPart{
		{Hospital: "pooled", Input: evaluate.AllHours, Stays: 2400, Hours: 96000, Levels: levels}, {Hospital: "pooled", Input: evaluate.NowOnly, Stays: 2400, Hours: 16000, Levels: levels},
	}
	r.ConformalCarried = []evaluate.ConformalPart{{From: "north", Hospital: "south", Input: evaluate.AllHours, Stays: 1200, Hours: 48000, Levels: levels[:1]}}
	r.Reliability = []evaluate.ReliabilityPart{
		{Level: "good", Share: fig(0.8), Group: group("", 0.85)},
		{Level: "limited", Share: fig(0.15), Group: group("", 0.8)},
		{Level: "indeterminate", Share: fig(0.05), Group: evaluate.Group{Name: "indeterminate"}},
	}
	return r
}

// handMadeCard is a card with what the checklist reads of it.
func handMadeCard() *model.Card {
	c := &model.Card{Trees: 1500, Features: 400, ForecastTrees: 120}
	c.Forecasts = []model.Foreseen{{Name: "forecast_fever", English: "a fever"}, {Name: "forecast_leaves", English: "the end", Labelled: true}}
	c.Name, c.Version, c.SHA256 = "made-by-hand", "0.1", "0123abcd"
	return c
}
