package sepsis

import (
	"math"

	"github.com/medtech-detect/sepsis/ucum"
)

// Variable is one of the 34 measurements of the vocabulary, and the index of its value in [Values].
type Variable int

// The measurements, in the column order of the PhysioNet/CinC Challenge 2019 files.
const (
	HeartRate Variable = iota
	SpO2
	Temperature
	SystolicBP
	MeanArterialPressure
	DiastolicBP
	RespiratoryRate
	EtCO2
	BaseExcess
	Bicarbonate
	FiO2
	PH
	PaCO2
	SaO2
	AST
	BUN
	AlkalinePhosphatase
	Calcium
	Chloride
	Creatinine
	BilirubinDirect
	Glucose
	Lactate
	Magnesium
	Phosphate
	Potassium
	BilirubinTotal
	TroponinI
	Hematocrit
	Hemoglobin
	PTT
	WBC
	Fibrinogen
	Platelets
	NumVariables int = iota
)

// Group gathers measurements as clinicians do.
type Group string

// The groups of the vocabulary.
const (
	Vitals      Group = "vitals"
	BloodGas    Group = "blood_gas"
	Chemistry   Group = "chemistry"
	Liver       Group = "liver"
	Cardiac     Group = "cardiac"
	Haematology Group = "haematology"
	Coagulation Group = "coagulation"
)

// Range is a closed interval.
type Range struct{ Min, Max float64 }

// Contains tells whether x lies in the closed interval.
func (r Range) Contains(x float64) bool { return x >= r.Min && x <= r.Max }

// nearest is the number of the interval that lies nearest to x.
func (r Range) nearest(x float64) float64 { return min(max(x, r.Min), r.Max) }

// nearly tells whether x lies in the closed interval, or beside it by rounding alone.
func (r Range) nearly(x float64) bool { return r.Contains(x) || math.Abs(x-r.nearest(x)) <= rounding }

// VariableInfo is what the project knows of one measurement.
type VariableInfo struct {
	Name      string // the name in the API
	Challenge string // the column in the Challenge's files
	English   string
	French    string
	Group     Group
	Unit      ucum.Unit         // the unit of a plain number, and of every value inside the project
	Accepted  []ucum.Conversion // further units that are accepted, with those of the same kind, and how they become Unit
	// Mistaken are units of a kind that is accepted, in which laboratories report another quantity: refused, and why, with those of the same size.
	Mistaken map[ucum.Unit]string
	LOINC    []string // LOINC codes (https://loinc.org); the first is the usual one
	Hard     Range    // outside: not a human value in this unit; refused
	Usual    Range    // outside: rarer than 1 in 1,000 at either end in the Challenge data; warned of
}

// Conversion finds how a value in the given unit becomes one in the variable's own unit: by the table, or by the
// entry of the table that measures the same kind of quantity, as nmol/L does where umol/L stands.
func (i VariableInfo) Conversion(unit ucum.Unit) (ucum.Conversion, bool) {
	own := ucum.Times(i.Unit, 1)
	if unit == i.Unit {
		return own, true
	}
	for _, c := range i.Accepted {
		if c.From == unit {
			return c, true
		}
	}
	if through, same := own.Through(unit); same {
		return through, true
	}
	for _, c := range i.Accepted {
		if through, same := c.Through(unit); same {
			return through, true
		}
	}
	return ucum.Conversion{}, false
}

// Conversion factors. Molar masses from the CIAAW standard atomic weights (doi:10.1515/pac-2019-0603).
var (
	// 1 kPa = 7.50062 mmHg (NIST SP 811, appendix B.8).
	kilopascal = ucum.Times("kPa", 7.50062)
	// For ions of charge one, and for bases, 1 meq = 1 mmol.
	milliequivalent = ucum.Times("meq/L", 1)
	// A proportion of one, as in "0.97" for 97 %.
	proportion = ucum.Times("1", 100)
	// 1 µkat = 60 U: the katal is mol/s, the enzyme unit µmol/min (BIPM SI brochure; IUBMB 1978).
	microkatal = ucum.Times("ukat/L", 60)
	// Clinical enzymology writes IU for U.
	internationalUnit = ucum.Times("[IU]/L", 1)
	// Bilirubin 584.66 g/mol: 17.104 µmol/L = 1 mg/dL after rounding the molar mass to 0.01.
	bilirubinMicromole = ucum.DividedBy("umol/L", 17.104)
	// 10*9/L and 10*3/uL are the same number.
	billionPerLitre = ucum.Times("10*9/L", 1)
	perMicrolitre   = ucum.DividedBy("/uL", 1000)
)

// Pressures by an arterial line: "Invasive Systolic, Diastolic, Mean blood pressure". Of the first two, FHIR's value sets of vital signs are the source
// (https://hl7.org/fhir/6.0.0-ballot5/valueset-observation-vitalsign-systolicbp.html, …-diastolicbp.html).
const (
	invasiveSystolic  = "76215-3"
	invasiveDiastolic = "76213-8"
	invasiveMean      = "76214-6"
)

// Variables is the vocabulary: one entry for each measurement, indexed by [Variable]. Validation, units, the
// API's description, the cohort reader and the documents are all made from it. docs/vocabulary-notes.md tells what
// was checked and corrected.
var Variables = [NumVariables]VariableInfo{
	HeartRate: {
		Name: "heart_rate", Challenge: "HR", English: "Heart rate", French: "Fréquence cardiaque", Group: Vitals,
		Unit: "/min", LOINC: []string{"8867-4"}, Hard: Range{10, 300}, Usual: Range{40, 150},
	},
	SpO2: {
		Name: "spo2", Challenge: "O2Sat", English: "Oxygen saturation by pulse oximetry", French: "Saturation en oxygène (oxymétrie de pouls)", Group: Vitals,
		Unit: "%", Accepted: []ucum.Conversion{proportion}, LOINC: []string{"59408-5", "2708-6"}, Hard: Range{1, 100}, Usual: Range{73, 100},
	},
	Temperature: {
		Name: "temperature", Challenge: "Temp", English: "Body temperature", French: "Température corporelle", Group: Vitals,
		Unit: "Cel", Accepted: []ucum.Conversion{ucum.Fahrenheit()}, LOINC: []string{"8310-5"}, Hard: Range{20, 45}, Usual: Range{33, 39.7},
	},
	SystolicBP: {
		Name: "systolic_bp", Challenge: "SBP", English: "Systolic blood pressure", French: "Pression artérielle systolique", Group: Vitals,
		Unit: "mm[Hg]", Accepted: []ucum.Conversion{kilopascal}, LOINC: []string{"8480-6", "76534-7", invasiveSystolic}, Hard: Range{20, 320}, Usual: Range{64, 213},
	},
	MeanArterialPressure: {
		Name: "mean_arterial_pressure", Challenge: "MAP", English: "Mean arterial pressure", French: "Pression artérielle moyenne", Group: Vitals,
		Unit: "mm[Hg]", Accepted: []ucum.Conversion{kilopascal}, LOINC: []string{"8478-0", "76536-2", invasiveMean}, Hard: Range{10, 320}, Usual: Range{40, 157.5},
	},
	DiastolicBP: {
		Name: "diastolic_bp", Challenge: "DBP", English: "Diastolic blood pressure", French: "Pression artérielle diastolique", Group: Vitals,
		Unit: "mm[Hg]", Accepted: []ucum.Conversion{kilopascal}, LOINC: []string{"8462-4", "76535-4", invasiveDiastolic}, Hard: Range{5, 300}, Usual: Range{29, 130},
	},
	RespiratoryRate: {
		Name: "respiratory_rate", Challenge: "Resp", English: "Respiratory rate", French: "Fréquence respiratoire", Group: Vitals,
		Unit: "/min", LOINC: []string{"9279-1"}, Hard: Range{0, 120}, Usual: Range{3, 43},
	},
	EtCO2: {
		Name: "etco2", Challenge: "EtCO2", English: "End-tidal carbon dioxide", French: "CO2 en fin d'expiration", Group: Vitals,
		Unit: "mm[Hg]", Accepted: []ucum.Conversion{kilopascal}, LOINC: []string{"19891-1"}, Hard: Range{0, 150}, Usual: Range{10, 83},
	},
	BaseExcess: {
		Name: "base_excess", Challenge: "BaseExcess", English: "Base excess", French: "Excès de base", Group: BloodGas,
		Unit: "mmol/L", Accepted: []ucum.Conversion{milliequivalent}, LOINC: []string{"11555-0", "1925-7"}, Hard: Range{-50, 50}, Usual: Range{-22, 19},
	},
	Bicarbonate: {
		Name: "bicarbonate", Challenge: "HCO3", English: "Bicarbonate", French: "Bicarbonates", Group: BloodGas,
		Unit: "mmol/L", Accepted: []ucum.Conversion{milliequivalent}, LOINC: []string{"1963-8", "1959-6", "1960-4"}, Hard: Range{0, 66}, Usual: Range{7, 44},
	},
	FiO2: {
		Name: "fio2", Challenge: "FiO2", English: "Fraction of inspired oxygen", French: "Fraction inspirée en oxygène", Group: BloodGas,
		Unit: "1", Accepted: []ucum.Conversion{ucum.DividedBy("%", 100)}, LOINC: []string{"3150-0"}, Hard: Range{0.2, 1}, Usual: Range{0.21, 1},
	},
	PH: {
		Name: "ph", Challenge: "pH", English: "Arterial blood pH", French: "pH du sang artériel", Group: BloodGas,
		Unit: "[pH]", Accepted: []ucum.Conversion{ucum.Times("1", 1)}, LOINC: []string{"11558-4", "2744-1"}, Hard: Range{6.3, 8.4}, Usual: Range{6.98, 7.6},
	},
	PaCO2: {
		Name: "paco2", Challenge: "PaCO2", English: "Arterial partial pressure of carbon dioxide", French: "Pression partielle artérielle en CO2", Group: BloodGas,
		Unit: "mm[Hg]", Accepted: []ucum.Conversion{kilopascal}, LOINC: []string{"2019-8", "11557-6"}, Hard: Range{5, 220}, Usual: Range{17, 95},
	},
	SaO2: {
		Name: "sao2", Challenge: "SaO2", English: "Arterial oxygen saturation", French: "Saturation artérielle en oxygène", Group: BloodGas,
		Unit: "%", Accepted: []ucum.Conversion{proportion}, LOINC: []string{"2708-6", "20564-1"}, Hard: Range{1, 100}, Usual: Range{40, 100},
	},
	AST: {
		Name: "ast", Challenge: "AST", English: "Aspartate transaminase", French: "Aspartate aminotransférase (ASAT)", Group: Liver,
		Unit: "U/L", Accepted: []ucum.Conversion{internationalUnit, microkatal}, LOINC: []string{"1920-8", "30239-8"}, Hard: Range{0, 22000}, Usual: Range{6, 9005},
	},
	BUN: {
		Name: "bun", Challenge: "BUN", English: "Blood urea nitrogen", French: "Azote uréique sanguin", Group: Chemistry,
		// Urea carries two nitrogen atoms (28.014 g/mol): 1 mmol/L of urea is 2.801 mg/dL of urea nitrogen.
		Unit: "mg/dL", Accepted: []ucum.Conversion{ucum.Times("mmol/L", 2.801)},
		// French laboratories report urea in g/L, of which urea nitrogen is 28.014 parts in 60.056.
		Mistaken: map[ucum.Unit]string{"g/L": "is a usual unit of urea, of whose mass nitrogen is less than half (1 g/L of urea is 46.6 mg/dL of urea nitrogen)"},
		LOINC:    []string{"3094-0", "22664-7", "72903-8"}, Hard: Range{0, 300}, Usual: Range{2, 148},
	},
	AlkalinePhosphatase: {
		Name: "alkaline_phosphatase", Challenge: "Alkalinephos", English: "Alkaline phosphatase", French: "Phosphatases alcalines", Group: Liver,
		Unit: "U/L", Accepted: []ucum.Conversion{internationalUnit, microkatal}, LOINC: []string{"6768-6"}, Hard: Range{0, 5000}, Usual: Range{16, 1447},
	},
	Calcium: {
		Name: "calcium", Challenge: "Calcium", English: "Calcium, total", French: "Calcium total", Group: Chemistry,
		// Calcium 40.078 g/mol; an ion of charge two, so 1 meq is half a mmol.
		Unit: "mg/dL", Accepted: []ucum.Conversion{ucum.Times("mmol/L", 4.008), ucum.Times("meq/L", 2.004)}, LOINC: []string{"17861-6", "2000-8"}, Hard: Range{0.5, 30}, Usual: Range{1.01, 17.8},
	},
	Chloride: {
		Name: "chloride", Challenge: "Chloride", English: "Chloride", French: "Chlorure", Group: Chemistry,
		Unit: "mmol/L", Accepted: []ucum.Conversion{milliequivalent}, LOINC: []string{"2075-0", "2069-3"}, Hard: Range{20, 200}, Usual: Range{82, 131},
	},
	Creatinine: {
		Name: "creatinine", Challenge: "Creatinine", English: "Creatinine", French: "Créatinine", Group: Chemistry,
		// Creatinine C4H7N3O, 113.12 g/mol: 88.40 µmol/L = 1 mg/dL.
		Unit: "mg/dL", Accepted: []ucum.Conversion{ucum.DividedBy("umol/L", 88.40)}, LOINC: []string{"2160-0", "38483-4", "14682-9", "59826-8"}, Hard: Range{0, 66}, Usual: Range{0.2, 17.2},
	},
	BilirubinDirect: {
		Name: "bilirubin_direct", Challenge: "Bilirubin_direct", English: "Bilirubin, direct", French: "Bilirubine conjuguée", Group: Liver,
		Unit: "mg/dL", Accepted: []ucum.Conversion{bilirubinMicromole}, LOINC: []string{"1968-7", "14629-0"}, Hard: Range{0, 66}, Usual: Range{0.01, 30},
	},
	Glucose: {
		Name: "glucose", Challenge: "Glucose", English: "Glucose", French: "Glycémie", Group: Chemistry,
		// Glucose 180.16 g/mol.
		Unit: "mg/dL", Accepted: []ucum.Conversion{ucum.Times("mmol/L", 18.016)}, LOINC: []string{"2345-7", "2339-0", "14749-6", "15074-8"}, Hard: Range{5, 2200}, Usual: Range{41, 500},
	},
	Lactate: {
		Name: "lactate", Challenge: "Lactate", English: "Lactate", French: "Lactate", Group: BloodGas,
		// Lactic acid 90.08 g/mol. The Challenge's paper prints mg/dL; the data are mmol/L.
		Unit: "mmol/L", Accepted: []ucum.Conversion{ucum.DividedBy("mg/dL", 9.008)}, LOINC: []string{"32693-4", "2518-9", "2524-7"}, Hard: Range{0, 50}, Usual: Range{0.4, 21.9},
	},
	Magnesium: {
		Name: "magnesium", Challenge: "Magnesium", English: "Magnesium", French: "Magnésium", Group: Chemistry,
		// Magnesium 24.305 g/mol; an ion of charge two, so 1 meq is half a mmol. The Challenge's paper prints mmol/dL; the data are mg/dL.
		Unit: "mg/dL", Accepted: []ucum.Conversion{ucum.Times("mmol/L", 2.431), ucum.Times("meq/L", 1.2155)}, LOINC: []string{"19123-9", "2601-3"}, Hard: Range{0, 22}, Usual: Range{1, 4.7},
	},
	Phosphate: {
		Name: "phosphate", Challenge: "Phosphate", English: "Phosphate", French: "Phosphate", Group: Chemistry,
		// Reported as phosphorus, 30.974 g/mol.
		Unit: "mg/dL", Accepted: []ucum.Conversion{ucum.Times("mmol/L", 3.097)}, LOINC: []string{"2777-1", "14879-1"}, Hard: Range{0, 40}, Usual: Range{0.6, 12},
	},
	Potassium: {
		Name: "potassium", Challenge: "Potassium", English: "Potassium", French: "Potassium", Group: Chemistry,
		Unit: "mmol/L", Accepted: []ucum.Conversion{milliequivalent}, LOINC: []string{"2823-3", "6298-4"}, Hard: Range{0.5, 30}, Usual: Range{2.4, 8.2},
	},
	BilirubinTotal: {
		Name: "bilirubin_total", Challenge: "Bilirubin_total", English: "Bilirubin, total", French: "Bilirubine totale", Group: Liver,
		Unit: "mg/dL", Accepted: []ucum.Conversion{bilirubinMicromole}, LOINC: []string{"1975-2", "14631-6"}, Hard: Range{0, 100}, Usual: Range{0.1, 40.9},
	},
	TroponinI: {
		Name: "troponin_i", Challenge: "TroponinI", English: "Troponin I", French: "Troponine I", Group: Cardiac,
		Unit: "ng/mL", Accepted: []ucum.Conversion{ucum.DividedBy("ng/L", 1000), ucum.Times("ug/L", 1)}, LOINC: []string{"10839-9", "89579-7"}, Hard: Range{0, 1000}, Usual: Range{0.01, 200},
	},
	Hematocrit: {
		Name: "hematocrit", Challenge: "Hct", English: "Hematocrit", French: "Hématocrite", Group: Haematology,
		Unit: "%", Accepted: []ucum.Conversion{proportion, ucum.Times("L/L", 100)}, LOINC: []string{"4544-3", "48703-3", "20570-8"}, Hard: Range{3, 80}, Usual: Range{15.4, 51.8},
	},
	Hemoglobin: {
		Name: "hemoglobin", Challenge: "Hgb", English: "Hemoglobin", French: "Hémoglobine", Group: Haematology,
		// The monomer, 16,114 g/mol, by which laboratories report mmol/L (IFCC).
		Unit: "g/dL", Accepted: []ucum.Conversion{ucum.DividedBy("g/L", 10), ucum.Times("mmol/L", 1.6114)}, LOINC: []string{"718-7", "20509-6", "59260-0"}, Hard: Range{1, 35}, Usual: Range{5, 18.2},
	},
	PTT: {
		Name: "ptt", Challenge: "PTT", English: "Partial thromboplastin time", French: "Temps de céphaline activée", Group: Coagulation,
		Unit: "s", LOINC: []string{"14979-9", "3173-2"}, Hard: Range{5, 300}, Usual: Range{18.9, 249},
	},
	WBC: {
		Name: "wbc", Challenge: "WBC", English: "Leukocyte count", French: "Leucocytes", Group: Haematology,
		Unit: "10*3/uL", Accepted: []ucum.Conversion{billionPerLitre, perMicrolitre}, LOINC: []string{"6690-2", "26464-8"}, Hard: Range{0, 1100}, Usual: Range{0.3, 81.4},
	},
	Fibrinogen: {
		Name: "fibrinogen", Challenge: "Fibrinogen", English: "Fibrinogen", French: "Fibrinogène", Group: Coagulation,
		Unit: "mg/dL", Accepted: []ucum.Conversion{ucum.Times("g/L", 100)}, LOINC: []string{"3255-7"}, Hard: Range{5, 2500}, Usual: Range{35, 1030},
	},
	Platelets: {
		Name: "platelets", Challenge: "Platelets", English: "Platelet count", French: "Plaquettes", Group: Haematology,
		Unit: "10*3/uL", Accepted: []ucum.Conversion{billionPerLitre, perMicrolitre}, LOINC: []string{"777-3", "26515-7"}, Hard: Range{0, 3500}, Usual: Range{10, 840},
	},
}

// IonisedCalciumBelow is the value, in mg/dL, under which a "total calcium" is taken for an ionised calcium in
// mmol/L (usually 1.0 to 1.3). 19 % of the calcium values of Challenge set B lie under 3, of set A 3 in 39,318.
const IonisedCalciumBelow = 4.0

var variableByName = func() map[string]Variable {
	byName := make(map[string]Variable, NumVariables)
	for v, info := range Variables {
		byName[info.Name] = Variable(v)
	}
	return byName
}()

// VariableNamed finds a measurement by its API name.
func VariableNamed(name string) (Variable, bool) {
	v, known := variableByName[name]
	return v, known
}

// Info is the variable's entry in the vocabulary.
func (v Variable) Info() VariableInfo { return Variables[v] }

// IsVital tells whether the variable is a vital sign.
func (v Variable) IsVital() bool { return Variables[v].Group == Vitals }

// IsLaboratoryValue tells whether the variable is measured in blood. The inspired oxygen, which stands among the blood gases, is set.
func (v Variable) IsLaboratoryValue() bool { return !v.IsVital() && v != FiO2 }

// String is the variable's API name.
func (v Variable) String() string { return Variables[v].Name }

// Values holds one value for each measurement, in the units of the vocabulary. NaN means: not measured.
type Values [NumVariables]float64

// NoValues is a set of values in which nothing was measured.
func NoValues() Values {
	var values Values
	for v := range values {
		values[v] = Missing
	}
	return values
}

// Has tells whether the variable was measured.
func (v *Values) Has(variable Variable) bool { return !IsMissing(v[variable]) }

// Known is how many variables were measured.
func (v *Values) Known() int { return v.Count(func(Variable) bool { return true }) }

// Count is how many of the wanted variables were measured.
func (v *Values) Count(wanted func(Variable) bool) int {
	count := 0
	for variable := range Variable(NumVariables) {
		if v.Has(variable) && wanted(variable) {
			count++
		}
	}
	return count
}

// KeepVitals forgets all that is not a vital sign.
func (v *Values) KeepVitals() {
	for variable := range Variable(NumVariables) {
		if !variable.IsVital() {
			v[variable] = Missing
		}
	}
}

// Any tells whether anything was measured.
func (v *Values) Any() bool { return v.Known() > 0 }

// Missing marks what was not measured. It is a state of its own, never 0 and never "normal".
var Missing = math.NaN()

// IsMissing tells whether a value was not measured.
func IsMissing(x float64) bool { return math.IsNaN(x) }
