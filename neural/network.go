package neural

import (
	"encoding/json"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas/gonum"
)

// Network is a trained network. It is immutable, and safe for concurrent use.
type Network struct {
	inputs    Inputs
	reference []float32 // each input's mean over the rows that it was trained on
	layers    []layer
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

// dot is the scalar product of x and y.
func dot(x, y []float32) float32 { return gonum.Implementation{}.Sdot(len(x), x, 1, y, 1) }

// scratch is what one goroutine needs to apply a network.
type scratch struct {
	codes []uint8
	in    []sparse    // of each layer
	out   [][]float32 // of each layer, before it is rectified
}

func (n *Network) scratch() *scratch {
	s := &scratch{codes: make([]uint8, len(n.inputs.Cuts)), in: make([]sparse, len(n.layers)), out: make([][]float32, len(n.layers))}
	for l := range n.layers {
		s.out[l] = make([]float32, len(n.layers[l].biases))
	}
	return s
}

// read takes in the values of a row.
func (n *Network) read(values []float32, s *scratch) {
	for column, value := range values {
		s.codes[column] = n.inputs.code(column, value)
	}
	n.inputs.read(s.codes, &s.in[0])
}

// margin applies the network to inputs that have been read.
func (n *Network) margin(s *scratch) float64 {
	last := len(n.layers) - 1
	for l := range n.layers {
		n.layers[l].apply(&s.in[l], s.out[l])
		if l == last {
			break
		}
		s.in[l+1].reset()
		for unit, v := range s.out[l] {
			s.in[l+1].add(unit, max(v, 0))
		}
	}
	return float64(s.out[last][0])
}

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
	forEach(threadCount(threads), (len(margins)+marginRows-1)/marginRows, func(i int) {
		s := n.scratch()
		for row := i * marginRows; row < min((i+1)*marginRows, len(margins)); row++ {
			n.read(values[row*columns:(row+1)*columns], s)
			margins[row] = n.margin(s)
		}
	})
	return margins
}

// DesignMargins gives the log-odds of some rows of a design with the inputs of the network, equal to those that [Network.Margins] gives of their values.
func (n *Network) DesignMargins(d *Design, rows []int32, threads int) []float64 {
	margins := make([]float64, len(rows))
	forEach(threadCount(threads), (len(margins)+marginRows-1)/marginRows, func(i int) {
		s := n.scratch()
		for k := i * marginRows; k < min((i+1)*marginRows, len(margins)); k++ {
			n.inputs.read(d.row(int(rows[k])), &s.in[0])
			margins[k] = n.margin(s)
		}
	})
	return margins
}

// marginRows rows are predicted at once.
const marginRows = 256

// document is a network as JSON.
type document struct {
	Inputs    Inputs          `json:"inputs"`
	Reference []float32       `json:"reference"`
	Layers    []documentLayer `json:"layers"`
}

type documentLayer struct {
	Biases  []float32 `json:"biases"`
	Weights []float32 `json:"weights"` // of each input, those of all units
}

// MarshalJSON writes the network. The same network gives the same bytes.
func (n *Network) MarshalJSON() ([]byte, error) {
	d := document{Inputs: n.inputs, Reference: n.reference}
	for _, l := range n.layers {
		d.Layers = append(d.Layers, documentLayer{l.biases, l.weights})
	}
	return json.Marshal(d)
}

// UnmarshalJSON reads a network, as untrusted input: an error tells what is wrong.
func (n *Network) UnmarshalJSON(text []byte) error {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("neural: %w", err)
	}
	read := Network{inputs: d.Inputs, reference: d.Reference}
	for _, l := range d.Layers {
		read.layers = append(read.layers, layer{l.Weights, l.Biases})
	}
	if err := read.check(); err != nil {
		return fmt.Errorf("neural: %w", err)
	}
	*n = read
	return nil
}

// check refuses what is no network.
func (n *Network) check() error {
	if err := n.inputs.check(); err != nil {
		return err
	}
	if len(n.layers) < 2 || len(n.layers) > maxLayers+1 {
		return fmt.Errorf("%d layers: 2 to %d are expected", len(n.layers), maxLayers+1)
	}
	width := n.inputs.width()
	if len(n.reference) != width || !allFinite(n.reference) {
		return fmt.Errorf("a reference of %d inputs, %d finite numbers are expected", len(n.reference), width)
	}
	for i, l := range n.layers {
		units := len(l.biases)
		if units < 1 || units > maxUnits || len(l.weights) != width*units {
			return fmt.Errorf("layer %d has %d units and %d weights: 1 to %d units and, for each, %d weights are expected", i, units, len(l.weights), maxUnits, width)
		}
		if !allFinite(l.weights) || !allFinite(l.biases) {
			return fmt.Errorf("layer %d: a weight is not finite", i)
		}
		width = units
	}
	if width != 1 {
		return errors.New("the last layer has more than one unit")
	}
	return nil
}
