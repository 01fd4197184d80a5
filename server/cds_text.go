package server

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/score"
)

// phrases are what a card and the discovery say, in one language. %s stands for a number or a name.
type phrases struct {
	decimal, colon, semicolon               string            // the decimal separator; marks with the space before them, if any
	together                                *strings.Replacer // blanks on which no line of a card may break
	years                                   string            // the unit of an age
	summaries                               map[cardKind]string
	probability, threshold, drivers         string
	counted                                 string // from when the hours of the risk count
	driversHead, raises, lowers             string
	scoresTitle, missing, leftOut           string
	warningsTitle, synthetic, model, notice string
	source, page                            string
	serviceTitle, serviceText, serviceNeeds string                        // of the discovery
	warnings                                map[sepsis.WarningCode]string // but of synthetic, which stands first
	reasons                                 map[sepsis.ReasonCode]string
	reliability                             map[sepsis.ReliabilityLevel]string
	overrides                               map[string]string
	words                                   map[string]string // parts of scores, choices and reasons; as they are where none is listed
	name                                    func(languages) string
}

// cardKind is how urgent a card is.
type cardKind int

const (
	indeterminateCard cardKind = iota
	lowCard
	watchCard
	alertCard
	outdatedCard
)

var english = phrases{
	decimal: ".", colon: ":", semicolon: ";", together: strings.NewReplacer(), years: "years",
	serviceTitle: "Sepsis risk in intensive care",
	serviceText:  "The chance that sepsis sets in within the next 6 hours, for adults in intensive care. Research use only, not a medical device.",
	serviceNeeds: "Needs the prefetch; the service does not read from FHIR servers. Values are read by LOINC code and UCUM unit: docs/fhir.md.",
	summaries: map[cardKind]string{
		alertCard:         "Sepsis alert: %s risk of onset within 6 hours",
		watchCard:         "Sepsis watch: %s risk of onset within 6 hours",
		lowCard:           "Sepsis risk is low: %s within 6 hours",
		indeterminateCard: "Sepsis risk cannot be judged: too little is known, or unusual data",
		outdatedCard:      "Sepsis risk cannot be judged: no value of the last 6 hours can be used",
	},
	probability: "Risk of onset within 6 hours", threshold: "watch from %s, alert from %s",
	counted: "The 6 hours count from the last value that was used, %s before this call.",
	drivers: "What the model goes by", driversHead: "| | value | age | effect |", raises: "raises", lowers: "lowers",
	scoresTitle: "Bedside scores", missing: "not known: %s", leftOut: "Left out, because it cannot be used",
	warningsTitle: "Warnings", synthetic: "For demonstration only: the model was trained on synthetic stays.",
	warnings: map[sepsis.WarningCode]string{
		sepsis.UnusualValue: "a value outside its usual range", sepsis.MAPBeyondPressures: "mean arterial pressure outside diastolic to systolic",
		sepsis.SaturationsDisagree: "SpO2 and SaO2 far apart: perhaps a venous sample", sepsis.EtCO2AbovePaCO2: "EtCO2 well above PaCO2",
		sepsis.CalciumLooksIonised: "calcium so low that it may be ionised calcium", sepsis.NarrowPulsePressure: "systolic barely above diastolic blood pressure",
		sepsis.LactateWithoutAcidosis: "high lactate without an acidosis: perhaps in mg/dL", sepsis.HemoglobinLowForHematocrit: "hemoglobin low for the hematocrit: perhaps in mmol/L",
		sepsis.ICUHourUnknown:    "No Encounter tells when intensive care began; hours count from the first value.",
		sepsis.ICUStartUncertain: "The Encounter's locations do not tell when intensive care began: its beginning was taken for that, and may be that of the hospital stay.",
		sepsis.PatientInactive:   "The Patient is not in active use: it may have been replaced by another, or entered in error.",
		sepsis.ResultsWithheld:   "a search that failed in part, or did not tell all: values may be missing",
	},
	model: "Model", notice: "Research use only, not a medical device. It stands beside clinical judgement and never in its place.",
	source: "Sepsis, a prediction model", page: "How this estimate is made",
	reasons: map[sepsis.ReasonCode]string{
		sepsis.NoRecentVitals: "no vital sign measured in the last 6 hours", sepsis.NoRecentLabs: "no laboratory value in the last 24 hours",
		sepsis.TooLittleMeasured: "fewer than 5 different measurements in the last 24 hours", sepsis.HourNotGiven: "the hour of the stay is not known",
		sepsis.NoHistory: "a single hour without the hours before it", sepsis.UnlikeTraining: "values unlike those that the model has learnt from",
	},
	reliability: map[sepsis.ReliabilityLevel]string{sepsis.LimitedReliability: "Reliability is limited", sepsis.Indeterminate: "Not to be relied on"},
	overrides: map[string]string{
		"already-treated": "Sepsis is already being treated", "other-cause": "Another cause explains the values", "wrong-data": "The data are wrong or out of date",
		"limits-of-care": "Limits of care have been agreed", "will-reassess": "Will be reassessed",
	},
	words: map[string]string{
		"out_of_range": "outside of what is possible", "unknown_unit": "unit not accepted", "comparator": "a limit (< or >), not a value",
		"modifier_extension": "with a modifier that is not known", "data_absent": "said to be absent", "status": "cancelled, entered in error or without a result", "no_time": "without a time",
		"partial_time": "without an hour", "no_time_zone": "without a valid time zone", "ambiguous_code": "ambiguous code", "no_subject": "of nobody", "other_focus": "with a focus that is not the Patient",
		"not_a_quantity": "not a number with a unit", "missing_field": "without a unit", "in_future": "in the future", "no_value": "without a value",
		"wrong_type": "not in the form of FHIR", "invalid_json": "not in the form of FHIR", "long_period": "of more than an hour", "member_missing": "members of a panel that were not sent",
		"conflicting_versions": "sent in versions that differ", "not_inpatient": "Encounters that are never intensive care",
		"unmapped_code": "without a LOINC code that is read", "after_stay": "measured after the end of the stay",
		"diastolic_above_systolic": "contradictory blood pressures", "map_outside_pressures": "contradictory blood pressures",
		"direct_above_total_bilirubin": "direct above total bilirubin", "blood_gas_incoherent": "contradictory blood gas",
		"hematocrit_hemoglobin_incoherent": "hematocrit and hemoglobin that contradict each other", "systolic_bp": "systolic pressure",
	},
	name: func(l languages) string { return l.English },
}

var french = phrases{
	decimal: ",", colon: " :", semicolon: " ;", together: strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " %", "\u00a0%"), years: "ans",
	serviceTitle: "Risque de sepsis en réanimation",
	serviceText:  "La probabilité qu'un sepsis survienne dans les 6 prochaines heures, chez l'adulte en réanimation. Réservé à la recherche, n'est pas un dispositif médical.",
	serviceNeeds: "Le prefetch est nécessaire ; le service n'interroge pas de serveur FHIR. Les valeurs sont lues par leur code LOINC et leur unité UCUM : docs/fhir.md.",
	summaries: map[cardKind]string{
		alertCard:         "Alerte sepsis : risque de %s de survenue dans les 6 heures",
		watchCard:         "Surveillance sepsis : risque de %s de survenue dans les 6 heures",
		lowCard:           "Risque de sepsis faible : %s dans les 6 heures",
		indeterminateCard: "Risque de sepsis non évaluable : données insuffisantes ou inhabituelles",
		outdatedCard:      "Risque de sepsis non évaluable : aucune valeur utilisable dans les 6 dernières heures",
	},
	probability: "Risque de survenue dans les 6 heures", threshold: "surveillance à partir de %s, alerte à partir de %s",
	counted: "Les 6 heures comptent à partir de la dernière valeur utilisée, %s avant cet appel.",
	drivers: "Ce sur quoi le modèle s'appuie", driversHead: "| | valeur | ancienneté | effet |", raises: "augmente", lowers: "diminue",
	scoresTitle: "Scores cliniques", missing: "non renseigné : %s", leftOut: "Écarté, car inutilisable",
	warningsTitle: "Mises en garde", synthetic: "Pour démonstration seulement : le modèle a été entraîné sur des séjours synthétiques.",
	warnings: map[sepsis.WarningCode]string{
		sepsis.UnusualValue: "une valeur hors de son intervalle habituel", sepsis.MAPBeyondPressures: "pression artérielle moyenne hors de l'intervalle diastolique-systolique",
		sepsis.SaturationsDisagree: "SpO2 et SaO2 très différentes : peut-être un prélèvement veineux", sepsis.EtCO2AbovePaCO2: "EtCO2 nettement supérieure à la PaCO2",
		sepsis.CalciumLooksIonised: "calcium si bas qu'il s'agit peut-être de calcium ionisé", sepsis.NarrowPulsePressure: "pression systolique à peine supérieure à la diastolique",
		sepsis.LactateWithoutAcidosis: "lactate élevé sans acidose : peut-être en mg/dL", sepsis.HemoglobinLowForHematocrit: "hémoglobine basse pour l'hématocrite : peut-être en mmol/L",
		sepsis.ICUHourUnknown:    "Aucun Encounter n'indique le début de la réanimation ; les heures comptent à partir de la première valeur.",
		sepsis.ICUStartUncertain: "Les lieux de l'Encounter n'indiquent pas le début de la réanimation : celui de l'Encounter a été retenu, et peut être celui du séjour hospitalier.",
		sepsis.PatientInactive:   "Le Patient n'est plus utilisé : peut-être remplacé par un autre, ou saisi par erreur.",
		sepsis.ResultsWithheld:   "une recherche qui a échoué en partie, ou n'a pas tout transmis : des valeurs peuvent manquer",
	},
	model: "Modèle", notice: "Réservé à la recherche, n'est pas un dispositif médical. Il accompagne le jugement clinique et ne le remplace jamais.",
	source: "Sepsis, un modèle de prédiction", page: "Comment cette estimation est faite",
	reasons: map[sepsis.ReasonCode]string{
		sepsis.NoRecentVitals: "aucune constante vitale mesurée dans les 6 dernières heures", sepsis.NoRecentLabs: "aucun résultat de biologie dans les 24 dernières heures",
		sepsis.TooLittleMeasured: "moins de 5 mesures différentes dans les 24 dernières heures", sepsis.HourNotGiven: "l'heure du séjour n'est pas connue",
		sepsis.NoHistory: "une seule heure, sans les heures précédentes", sepsis.UnlikeTraining: "valeurs inhabituelles par rapport à celles de l'apprentissage",
	},
	reliability: map[sepsis.ReliabilityLevel]string{sepsis.LimitedReliability: "Fiabilité limitée", sepsis.Indeterminate: "Ne pas s'y fier"},
	overrides: map[string]string{
		"already-treated": "Le sepsis est déjà traité", "other-cause": "Une autre cause explique les valeurs", "wrong-data": "Les données sont fausses ou périmées",
		"limits-of-care": "Limitation des traitements décidée", "will-reassess": "Sera réévalué",
	},
	words: map[string]string{
		"respiration": "respiration", "oxygen_saturation": "saturation en oxygène", "supplemental_oxygen": "oxygène administré", "systolic_bp": "pression systolique", //nolint:misspell // French
		"pulse": "pouls", "consciousness": "conscience", "temperature": "température", "coagulation": "coagulation", "liver": "foie",
		"cardiovascular": "circulation", "renal": "rein", "respiratory_rate": "fréquence respiratoire", "heart_rate": "fréquence cardiaque", "leukocytes": "leucocytes", "wbc": "leucocytes", //nolint:misspell // French
		"out_of_range": "hors de ce qui est possible", "unknown_unit": "unité non acceptée", "comparator": "une limite (< ou >), pas une valeur",
		"modifier_extension": "avec un modificateur inconnu", "data_absent": "déclaré absent", "status": "annulé, saisi par erreur ou sans résultat", "no_time": "sans date", "partial_time": "sans heure",
		"no_time_zone": "sans fuseau horaire valable", "ambiguous_code": "code ambigu", "no_subject": "sans patient", "other_focus": "avec un focus qui n'est pas le Patient", "not_a_quantity": "pas un nombre avec une unité",
		"missing_field": "sans unité", "in_future": "dans le futur", "no_value": "sans valeur",
		"wrong_type": "pas conforme à FHIR", "invalid_json": "pas conforme à FHIR", "long_period": "sur plus d'une heure", "member_missing": "élément d'un panel non envoyé",
		"conflicting_versions": "envoyé en versions contradictoires", "not_inpatient": "Encounter qui n'est jamais de réanimation",
		"unmapped_code": "sans code LOINC reconnu", "after_stay": "mesuré après la fin du séjour",
		"diastolic_above_systolic": "pressions contradictoires", "map_outside_pressures": "pressions contradictoires",
		"direct_above_total_bilirubin": "bilirubine conjuguée supérieure à la totale", "blood_gas_incoherent": "gaz du sang contradictoires",
		"hematocrit_hemoglobin_incoherent": "hématocrite et hémoglobine contradictoires",
		"female":                           "femme", "male": "homme", "medical": "médicale", "surgical": "chirurgicale",
	},
	name: func(l languages) string { return l.French },
}

// overrideCodes are the reasons for which a card may be overridden, in the order in which they are shown.
var overrideCodes = []string{"already-treated", "other-cause", "wrong-data", "limits-of-care", "will-reassess"}

// overrideSystem names their code system.
const overrideSystem = "https://github.com/medtech-detect/sepsis/fhir/CodeSystem/override-reason"

var matcher = language.NewMatcher([]language.Tag{language.English, language.French})

// languageOf chooses the language of a card by Accept-Language. English is the default.
func languageOf(header http.Header) *phrases {
	wanted, _, err := language.ParseAcceptLanguage(strings.Join(header.Values("Accept-Language"), ","))
	if err != nil {
		return &english
	}
	if _, index, _ := matcher.Match(wanted...); index == 1 {
		return &french
	}
	return &english
}

// percent writes a fraction of one with one decimal; "< 0.1 %" for less.
func (p *phrases) percent(fraction float64) string {
	text := strconv.FormatFloat(100*fraction, 'f', 1, 64)
	if fraction > 0 && text == "0.0" {
		text = "< 0.1"
	}
	return strings.Replace(text, ".", p.decimal, 1) + " %"
}

// number writes a number with four digits, or all before the decimal separator, and never with an exponent.
func (p *phrases) number(x float64) string {
	shown := math.Round(x)
	if math.Abs(x) < 1000 {
		shown, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64) // what was just written can be read
	}
	return strings.Replace(sepsis.Decimal(shown), ".", p.decimal, 1)
}

// nameOf is what people call something that an explanation names.
func (p *phrases) nameOf(name string) string {
	if variable, known := sepsis.VariableNamed(name); known {
		return p.name(languages{variable.Info().English, variable.Info().French})
	}
	for _, entry := range stayEntries() {
		if entry.Name == name {
			return p.name(entry.Description)
		}
	}
	for _, group := range sepsis.ExplanationGroups {
		if group.Name == name {
			return p.name(languages{group.English, group.French})
		}
	}
	for _, bedside := range score.All {
		if bedside.Name == name {
			return p.name(languages{bedside.English, bedside.French})
		}
	}
	return name
}

// word is a part of a score, a choice or a reason in the card's language.
func (p *phrases) word(name string) string {
	if word, listed := p.words[name]; listed {
		return word
	}
	return strings.ReplaceAll(name, "_", " ")
}
