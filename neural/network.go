package neural

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"gonum.org/v1/gonum/blas/gonum"

	"github.com/medtech-detect/sepsis/parallel"
)

// Network is one trained network, or the mean of several. It is immutable, and safe for concurrent use.
type Network struct {
	inputs  Inputs
	members []*member
	// first is the first layers of all members side by side: one pass over the inputs of a row serves all of them.
	first layer
	told  []int32 // the inputs that can be anything but 0
}

// newNetwork makes the network whose margins are the means of the members'.
func newNetwork(inputs Inputs, members []*member) (*Network, error) {
	n := &Network{inputs: inputs, members: members}
	if err := n.check(); err != nil {
		return nil, err
	}
	n.first, n.told = sideBySide(members), inputs.told()
	return n, nil
}

// sideBySide is one layer of the units of all members' first layers.
func sideBySide(members []*member) layer {
	if len(members) == 1 {
		return members[0].layers[0]
	}
	width, units := len(members[0].reference), len(members)*len(members[0].layers[0].biases)
	all := layer{make([]float32, 0, width*units), make([]float32, 0, units)}
	for i := range width {
		for _, m := range members {
			all.weights = append(all.weights, m.layers[0].of(int32(i))...) //nolint:gosec // at most maxInputs
		}
	}
	for _, m := range members {
		all.biases = append(all.biases, m.layers[0].biases...)
	}
	return all
}

// member is a network that answers alone.
type member struct {
	reference []float32 // each input's mean over the rows that it was trained on
	layers    []layer
	given     [][]float64 // what the units of each layer are given at the reference
}

// Average is the network whose margins are the means of those of others, all of one design.
func Average(networks ...*Network) (*Network, error) {
	if len(networks) == 0 {
		return nil, errors.New("neural: no networks to average")
	}
	var members []*member
	for _, n := range networks {
		if !reflect.DeepEqual(n.inputs, networks[0].inputs) {
			return nil, errors.New("neural: the networks see different inputs")
		}
		members = append(members, n.members...)
	}
	mean, err := newNetwork(networks[0].inputs, members)
	if err != nil {
		return nil, fmt.Errorf("neural: no mean of these networks: %w", err)
	}
	return mean, nil
}

// layer gives biases + weights · what it is given.
type layer struct {
	weights []float32 // of each input, those of all units
	biases  []float32 // of each unit
}

func newLayer(inputs, units int) layer {
	return layer{make([]float32, inputs*units), make([]float32, units)}
}

// of are the weights of an input.
func (l *layer) of(input int32) []float32 {
	units := len(l.biases)
	return l.weights[int(input)*units : (int(input)+1)*units]
}

// apply adds up what each unit is given.
func (l *layer) apply(in *sparse, out []float32) {
	copy(out, l.biases)
	for k, at := range in.at {
		axpy(in.value[k], l.of(at), out)
	}
}

// axpy adds a times x to y.
func axpy(a float32, x, y []float32) { gonum.Implementation{}.Saxpy(len(x), a, x, 1, y, 1) }

// dot is the scalar product of x and y. In which order gonum adds few of them depends on where y lies in memory: the last digit of 5 or 6 units is not always the same.
func dot(x, y []float32) float32 { return gonum.Implementation{}.Sdot(len(x), x, 1, y, 1) }

// Scratch is what one goroutine needs to apply a network. It keeps what the network made of the last row.
type Scratch struct {
	codes  []uint8
	inputs sparse
	first  []float32 // what the units of the first layers of all members are given
	passes []*pass   // of each member
}

// pass is a row's way through a member.
type pass struct {
	in  []sparse    // of each layer
	out [][]float32 // of each layer, before it is rectified
}

// NewScratch makes what [Network.MarginOf] needs.
func (n *Network) NewScratch() *Scratch {
	s := &Scratch{
		codes: make([]uint8, n.Columns()), inputs: newSparse(n.inputs.width()), first: make([]float32, len(n.first.biases)),
	}
	for i, m := range n.members {
		p := m.newPass(0)
		units := len(p.out[0])
		p.out[0] = s.first[i*units : (i+1)*units]
		s.passes = append(s.passes, p)
	}
	return s
}

// newPass has room for so many inputs, and for what the layers give; members of one network have the same layers.
func (m *member) newPass(width int) *pass {
	p := &pass{in: make([]sparse, len(m.layers)), out: make([][]float32, len(m.layers))}
	for l := range m.layers {
		p.in[l] = newSparse(width)
		width = len(m.layers[l].biases)
		p.out[l] = make([]float32, width)
	}
	return p
}

// read takes in the values of a row.
func (n *Network) read(values []float32, s *Scratch) {
	for column, value := range values {
		s.codes[column] = n.inputs.code(column, value)
	}
	n.inputs.read(s.codes, &s.inputs)
}

// margin is the mean of the members' for inputs that have been read.
func (n *Network) margin(s *Scratch) float64 {
	n.first.apply(&s.inputs, s.first)
	sum := 0.0
	for i, m := range n.members {
		sum += m.margin(s.passes[i])
	}
	return sum / float64(len(n.members))
}

// margin applies all layers but the first, which has been.
func (m *member) margin(p *pass) float64 {
	last := len(m.layers) - 1
	for l := 1; l <= last; l++ {
		p.in[l].rectify(p.out[l-1])
		m.layers[l].apply(&p.in[l], p.out[l])
	}
	return float64(p.out[last][0])
}

// rectify keeps what is above 0.
func (s *sparse) rectify(values []float32) {
	s.reset()
	for i, v := range values {
		s.add(i, max(v, 0))
	}
}

// MarginOf gives the log-odds of a row of [Network.Columns] values; NaN is a missing value. It does not allocate. It panics when the row is shorter.
func (n *Network) MarginOf(row []float32, s *Scratch) float64 {
	n.read(row[:n.Columns()], s)
	return n.margin(s)
}

// Weights is how many weights and biases all members have, those of inputs that are always 0 left out.
func (n *Network) Weights() int {
	count := -(n.inputs.width() - len(n.told)) * len(n.first.biases)
	for _, m := range n.members {
		for _, l := range m.layers {
			count += len(l.weights) + len(l.biases)
		}
	}
	return count
}

// Seen is how many columns have any influence.
func (n *Network) Seen() int { return len(n.told) - len(n.inputs.Indicators) }

// Columns is how many values a row has.
func (n *Network) Columns() int { return len(n.inputs.Cuts) }

// Margins gives the log-odds of each row. values holds the rows one after the other, of [Network.Columns] each; NaN is a missing value. threads 0
// uses all processors. It panics when values do not end with a row.
func (n *Network) Margins(values []float32, threads int) []float64 {
	columns := n.Columns()
	if len(values)%columns != 0 {
		panic(fmt.Sprintf("neural: %d values are no rows of %d columns", len(values), columns))
	}
	margins := make([]float64, len(values)/columns)
	parallel.Each(threads, (len(margins)+marginRows-1)/marginRows, func(i int) {
		s := n.NewScratch()
		for row := i * marginRows; row < min((i+1)*marginRows, len(margins)); row++ {
			margins[row] = n.MarginOf(values[row*columns:], s)
		}
	})
	return margins
}

// DesignMargins gives the log-odds of some rows of a design with the inputs of the network, equal to those that [Network.Margins] gives of their values.
func (n *Network) DesignMargins(d *Design, rows []int32, threads int) []float64 {
	margins := make([]float64, len(rows))
	parallel.Each(threads, (len(margins)+marginRows-1)/marginRows, func(i int) {
		s := n.NewScratch()
		for k := i * marginRows; k < min((i+1)*marginRows, len(margins)); k++ {
			n.inputs.read(d.row(int(rows[k])), &s.inputs)
			margins[k] = n.margin(s)
		}
	})
	return margins
}

// marginRows rows are predicted at once.
const marginRows = 256

// document is a network as JSON.
type document struct {
	Inputs  Inputs           `json:"inputs"`
	Members []documentMember `json:"members"`
}

type documentMember struct {
	Reference []float32       `json:"reference"`
	Layers    []documentLayer `json:"layers"`
}

type documentLayer struct {
	Biases  []float32 `json:"biases"`
	Weights []float32 `json:"weights"` // of each input, those of all units
}

// MarshalJSON writes the network. The same network gives the same bytes.
func (n *Network) MarshalJSON() ([]byte, error) {
	d := document{Inputs: n.inputs}
	for _, m := range n.members {
		written := documentMember{Reference: m.reference}
		for _, l := range m.layers {
			written.Layers = append(written.Layers, documentLayer{l.biases, l.weights})
		}
		d.Members = append(d.Members, written)
	}
	return json.Marshal(d)
}

// Objects and lists of a document at most: of empty ones a small document could hold millions, each of which takes memory.
const (
	mostObjects = 2 + MaxMembers*(maxLayers+2)
	mostLists   = 4 + 2*maxInputs + MaxMembers*(2*maxLayers+4)
)

// UnmarshalJSON reads a network, as untrusted input: an error tells what is wrong.
func (n *Network) UnmarshalJSON(text []byte) error {
	if bytes.Count(text, []byte("{")) > mostObjects || bytes.Count(text, []byte("[")) > mostLists {
		return errors.New("neural: more members, layers or columns than a network has")
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("neural: %w", err)
	}
	var members []*member
	for _, written := range d.Members {
		m := &member{reference: written.Reference}
		for _, l := range written.Layers {
			m.layers = append(m.layers, layer{l.Weights, l.Biases})
		}
		members = append(members, m)
	}
	read, err := newNetwork(d.Inputs, members)
	if err != nil {
		return fmt.Errorf("neural: %w", err)
	}
	for _, m := range members {
		m.refer()
	}
	*n = *read
	return nil
}

// check refuses what is no network.
func (n *Network) check() error {
	if err := n.inputs.check(); err != nil {
		return err
	}
	if len(n.members) < 1 || len(n.members) > MaxMembers {
		return fmt.Errorf("%d members: 1 to %d are expected", len(n.members), MaxMembers)
	}
	for i, m := range n.members {
		if err := m.check(n.inputs.bounds()); err != nil {
			return fmt.Errorf("member %d: %w", i, err)
		}
		if !m.fits(n.members[0]) {
			return fmt.Errorf("member %d has other layers than member 0", i)
		}
	}
	return nil
}

// farthest is as far from 0 as anything in a network may get, for any row: far beyond what a training finds, and far below where sums of float32 end.
const farthest = 1e9

// check takes how far from 0 each input may be.
func (m *member) check(bounds []float64) error {
	width := len(bounds)
	if len(m.reference) != width || slices.ContainsFunc(m.reference, tooFar) {
		return fmt.Errorf("a reference of %d inputs: %d numbers, none farther from 0 than %g, are expected", len(m.reference), width, farthest)
	}
	if len(m.layers) < 2 || len(m.layers) > maxLayers+1 {
		return fmt.Errorf("%d layers: 2 to %d are expected", len(m.layers), maxLayers+1)
	}
	bounds = slices.Clone(bounds)
	for i, mean := range m.reference {
		bounds[i] = max(bounds[i], math.Abs(float64(mean))) // explanations begin there
	}
	for i, l := range m.layers {
		units := len(l.biases)
		if units < 1 || units > maxUnits || len(l.weights) != width*units {
			return fmt.Errorf("layer %d has %d units and %d weights: 1 to %d units and, for each, %d weights are expected", i, units, len(l.weights), maxUnits, width)
		}
		if bounds = l.bounds(bounds); !(slices.Max(bounds) <= farthest) {
			return fmt.Errorf("layer %d: weights that are not finite, or so large that a unit may be given %g", i, slices.Max(bounds))
		}
		width = units
	}
	if width != 1 {
		return errors.New("the last layer has more than one unit")
	}
	return m.checkMultipliers()
}

// checkMultipliers bounds how much the margin may do for a difference of any input, as explanations multiply it.
func (m *member) checkMultipliers() error {
	bounds := []float64{1}
	for l, layer := range slices.Backward(m.layers) {
		before := make([]float64, len(layer.weights)/len(layer.biases))
		for i := range before {
			for unit, weight := range layer.of(int32(i)) { //nolint:gosec // at most maxInputs
				before[i] += math.Abs(float64(weight)) * bounds[unit]
			}
		}
		if bounds = before; !(slices.Max(bounds) <= farthest) {
			return fmt.Errorf("layer %d: weights so large that a difference may count %g times", l, slices.Max(bounds))
		}
	}
	return nil
}

// tooFar tells what is no number within farthest.
func tooFar(v float32) bool { return !(math.Abs(float64(v)) <= farthest) }

// bounds are how far from 0 may be what each unit is given, by how far each input may be.
func (l *layer) bounds(inputs []float64) []float64 {
	bounds := make([]float64, len(l.biases))
	for unit, bias := range l.biases {
		bounds[unit] = math.Abs(float64(bias))
	}
	for i, bound := range inputs {
		for unit, weight := range l.of(int32(i)) { //nolint:gosec // at most maxInputs
			bounds[unit] += math.Abs(float64(weight)) * bound
		}
	}
	return bounds
}

// fits tells whether two members have layers of the same lengths.
func (m *member) fits(other *member) bool {
	return slices.EqualFunc(m.layers, other.layers, func(a, b layer) bool { return len(a.biases) == len(b.biases) })
}
