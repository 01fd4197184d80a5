package neural

import "math"

// Contributions divides the margin that [Network.MarginOf] found last among the columns of its row: what each did, beside the reference, the mean row of the training. It is DeepLIFT's rescale rule
// (Shrikumar et al., ICML 2017, arXiv:1704.02685), which follows the differences from the reference through each layer, and of which Lundberg and Lee
// (NeurIPS 2017) show that it approximates Shapley values. An indicator counts with the column that it is of. Base and contributions add up to the margin. It panics when there is not a contribution for each column.
func (n *Network) Contributions(s *Scratch, contributions []float64) (base float64) {
	inputs, differences := make([]float32, n.inputs.width()), make([]float32, n.inputs.width())
	margin, share := 0.0, 1/float64(len(n.members))
	for i, m := range n.members {
		margin += float64(m.answered(s.passes[i]) * share)
		base += float64(m.given[len(m.layers)-1][0] * share)
		m.contribute(s.passes[i], s.inputs, n.told, differences, inputs)
	}
	n.inputs.gather(inputs, share, contributions[:n.Columns()])
	settle(contributions, margin-base)
	return base
}

// answered is the margin that a pass ended with.
func (m *member) answered(p *pass) float64 { return float64(p.out[len(p.out)-1][0]) }

// contribute adds what each input that was told did to the margin of a member.
func (m *member) contribute(p *pass, given sparse, told []int32, differences, inputs []float32) {
	multipliers := []float32{1}
	for l := len(m.layers) - 1; l > 0; l-- {
		multipliers = m.layers[l].multipliers(multipliers)
		for unit := range multipliers {
			multipliers[unit] *= float32(passed(float64(p.out[l-1][unit]), m.given[l-1][unit]))
		}
	}
	for i, mean := range m.reference {
		differences[i] = -mean
	}
	for k, at := range given.at {
		differences[at] += given.value[k]
	}
	for _, i := range told {
		inputs[i] += dot(m.layers[0].of(i), multipliers) * differences[i]
	}
}

// multipliers say what a difference of each input does to the margin, given what one of each unit does.
func (l *layer) multipliers(units []float32) []float32 {
	inputs := make([]float32, len(l.weights)/len(l.biases))
	for i := range inputs {
		inputs[i] = dot(l.of(int32(i)), units) //nolint:gosec // at most maxInputs
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

// gather adds up what the inputs of each column did, of which so much counts.
func (in *Inputs) gather(inputs []float32, share float64, columns []float64) {
	for column := range columns {
		columns[column] = share * float64(inputs[column])
	}
	for i, column := range in.Indicators {
		columns[column] += float64(share * float64(inputs[len(in.Cuts)+i]))
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
