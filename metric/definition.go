package metric

// Direction says which values of a metric are better.
type Direction string

// The directions that occur.
const (
	HigherIsBetter Direction = "higher is better"
	LowerIsBetter  Direction = "lower is better"
	NearerIsBetter Direction = "nearer to the ideal is better"
)

// Definition describes a metric as data, for reports and documentation.
type Definition struct {
	// Name is the term that the field uses, e.g. "AUROC".
	Name string
	// Direction says which values are better.
	Direction Direction
	// Range is the interval of possible values, e.g. "[0, 1]".
	Range string
	// Ideal is the value of a perfect prediction.
	Ideal float64
	// Formula is the definition in one line.
	Formula string
	// UndefinedWhen says for which rows there is no value.
	UndefinedWhen string
	// Citation names the source, with its DOI where there is one.
	Citation string
}

// Definitions returns every scalar metric of this package, in the order in which a report shows them.
func Definitions() []Definition {
	return []Definition{
		aurocDefinition,
		auprcDefinition,
		brierDefinition,
		logLossDefinition,
		calibrationInterceptDefinition,
		calibrationSlopeDefinition,
		calibrationInTheLargeDefinition,
		sensitivityDefinition,
		specificityDefinition,
		ppvDefinition,
		npvDefinition,
		accuracyDefinition,
		f1Definition,
		utilityDefinition,
	}
}
