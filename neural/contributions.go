package neural

import "math"

// Contributions divides the margin of a row among its columns: what each did, beside the reference, the mean row of the training. It is DeepLIFT's rescale rule
// (Shrikumar et al., ICML 2017, arXiv:1704.02685), which follows the differences from the reference through each layer, and of which Lundberg and Lee
// (NeurIPS 2017) show that it approximates Shapley values. An indicator counts with the column that it is of. Base and contributions add up to the margin. It panics when the lengths are not the number of columns.
func (n *Network) Contributions(row []float32, contributions []float64) (base float64) {
	s := n.NewScratch()
	n.read(row[:n.Columns()], s)
	inputs := make([]float64, n.inputs.width())
	margin, share := 0.0, 1/float64(len(n.members))
	for _, m := range n.members {
		margin += m.margin(s) * share
		base += m.given[len(m.layers)-1][0] * share
		m.contribute(s, share, inputs)
	}
	n.inputs.gather(inputs, contributions[:n.Columns()])
	settle(contributions, margin-base)
	return base
}

// contribute adds a share of what each input did, when the margin has just been found.
func (m *member) contribute(s *Scratch, share float64, inputs []float64) {
	multipliers := []float64{share}
	for l := len(m.layers) - 1; l > 0; l-- {
		multipliers = m.layers[l].multipliers(multipliers)
		for unit := range multipliers {
			multipliers[unit] *= passed(float64(s.out[l-1][unit]), m.given[l-1][unit])
		}
	}
	differences := make([]float64, len(inputs))
	for i, mean := range m.reference {
		differences[i] = -float64(mean)
	}
	for k, at := range s.in[0].at {
		differences[at] += float64(s.in[0].value[k])
	}
	for i, multiplier := range m.layers[0].multipliers(multipliers) {
		inputs[i] += multiplier * differences[i]
	}
}

// multipliers say what a difference of each input does to the margin, given what one of each unit does.
func (l *layer) multipliers(units []float64) []float64 {
	inputs := make([]float64, len(l.weights)/len(l.biases))
	for i := range inputs {
		for unit, weight := range l.of(int32(i)) { //nolint:gosec // at most maxInputs
			inputs[i] += float64(weight) * units[unit]
		}
	}
	return inputs
}

// passed is how much of the difference between what a unit is given and its reference is left when both are rectified.
func passed(given, reference float64) float64 {
	if math.Abs(given-reference) < 1e-6 { // the slope, where there is next to no difference
		if given > 0 {
			return 1
		}
		return 0
	}
	return (max(given, 0) - max(reference, 0)) / (given - reference)
}

// refer finds what the units of each layer are given at the reference.
func (m *member) refer() {
	in := make([]float64, len(m.reference))
	for i, mean := range m.reference {
		in[i] = float64(mean)
	}
	for _, l := range m.layers {
		given := make([]float64, len(l.biases))
		for unit, bias := range l.biases {
			given[unit] = float64(bias)
		}
		for i, value := range in {
			for unit, weight := range l.of(int32(i)) { //nolint:gosec // at most maxInputs
				given[unit] += float64(weight) * value
			}
		}
		m.given = append(m.given, given)
		in = make([]float64, len(given))
		for unit, v := range given {
			in[unit] = max(v, 0)
		}
	}
}

// gather adds up what the inputs of each column did.
func (in *Inputs) gather(inputs, columns []float64) {
	copy(columns, inputs[:len(in.Cuts)])
	for i, column := range in.Indicators {
		columns[column] += inputs[len(in.Cuts)+i]
	}
}

// settle makes contributions add up to the last digits, which a margin of float32 does not have: the largest takes the difference.
func settle(contributions []float64, total float64) {
	largest := 0
	for i, c := range contributions {
		total -= c
		if math.Abs(c) > math.Abs(contributions[largest]) {
			largest = i
		}
	}
	contributions[largest] += total
}
