package metric

// UndefinedError says that a metric has no value for the rows it was given. The rows themselves are in order;
// they merely do not determine the metric, as when one class is absent.
type UndefinedError struct {
	// Metric is the name in [Definitions].
	Metric string
	// Reason says what the rows lack.
	Reason string
}

// Error returns the metric's name and the reason.
func (e *UndefinedError) Error() string {
	return e.Metric + " is undefined: " + e.Reason
}

func undefined(definition Definition, reason string) error {
	return &UndefinedError{Metric: definition.Name, Reason: reason}
}

// The reasons that several metrics share.
const (
	noRows      = "there are no rows, or all weights are 0"
	noPositives = "no row is positive"
	noNegatives = "no row is negative"
)
