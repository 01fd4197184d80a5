package gbdt

// Objective says what the margin of a booster means, and with it which loss its trees were grown for.
type Objective int

const (
	// Logistic is a binary outcome: the margin is the log-odds of its probability, the base score a probability.
	Logistic Objective = iota
	// SquaredError is a number to be estimated: the margin is that estimate, and so is the base score. [Train] does not make
	// such boosters; they come from files.
	SquaredError
)

// objectives are XGBoost's names.
var objectives = map[Objective]string{Logistic: "binary:logistic", SquaredError: "reg:squarederror"}

// String returns the name that XGBoost has for the objective.
func (o Objective) String() string { return objectives[o] }

// margin is the margin of a base score.
func (o Objective) margin(base float32) float64 {
	if o == SquaredError {
		return float64(base)
	}
	return logit(float64(base))
}

// base is a base score whose margin is as close to the given one as a float32 allows.
func (o Objective) base(margin float64) float32 {
	if o == SquaredError {
		return float32(margin)
	}
	return baseProbability(sigmoid(margin))
}
