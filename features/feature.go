// Package features turns a stay into the numbers that the trees see: one vector for each hour, made from that
// hour and the earlier ones only. Training and serving use this one implementation.
//
// A feature is one entry of one table: its name, its family, the clinical variable that it speaks of, and how
// it is read from the running state of the stay. To add a feature, add an entry; to change what an entry can
// read, change the state that keeps it (series.go, window.go, pattern.go, state.go).
package features

import (
	"crypto/sha256"
	"encoding/hex"
	"math"

	"github.com/medtech-detect/sepsis"
)

// Family groups features by the kind of fact that they use, for ablation.
type Family string

// The families.
const (
	Level    Family = "level"   // last known values
	Timing   Family = "timing"  // hours since measured, and how often
	Trend    Family = "trend"   // changes from one value to the next and since the first
	Rolling  Family = "rolling" // statistics of the last 6, 12 and 24 hours
	WholeLOS Family = "stay"    // statistics of the stay so far
	Derived  Family = "derived" // ratios and differences of several variables
	Bedside  Family = "bedside" // partial bedside scores and their course
	Pattern  Family = "pattern" // how much was measured, whatever it was
	Context  Family = "context" // age, sex, unit, hours
)

// Feature is one number that the trees see.
type Feature struct {
	Name   string
	Family Family
	Source string // the clinical variable, stay variable or score that it speaks of
	// Groups are what an explanation counts it to: variables, stay variables, scores and groups of sepsis.ExplanationGroups.
	// Several share it equally.
	Groups []string
	read   func(s *state) float64
}

// Table is the list of all features, in the order of the vector.
var Table = buildTable()

func buildTable() []Feature {
	var t table
	t.context()
	t.analytes()
	t.vitals()
	t.labs()
	t.derived()
	t.bedside()
	t.pattern()
	return t.features
}

// table collects features.
type table struct{ features []Feature }

// add appends a feature that speaks of its source alone.
func (t *table) add(name string, family Family, source string, read func(s *state) float64) {
	t.addShared(name, family, source, []string{source}, read)
}

// addShared appends a feature that is made of several variables.
func (t *table) addShared(name string, family Family, source string, groups []string, read func(s *state) float64) {
	t.features = append(t.features, Feature{Name: name, Family: family, Source: source, Groups: groups, read: read})
}

// Count is the length of a vector.
func Count() int { return len(Table) }

// Names lists the features' names in the order of the vector.
func Names() []string {
	names := make([]string, len(Table))
	for i, f := range Table {
		names[i] = f.Name
	}
	return names
}

// Digest identifies the feature table by its names: a model trained on another table must not be used with it.
func Digest() string {
	hash := sha256.New()
	for _, f := range Table {
		hash.Write([]byte(f.Name + "\n"))
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

// Extractor walks through one stay, hour by hour. It is not safe for concurrent use.
type Extractor struct{ state state }

// NewExtractor starts at the beginning of a stay, of which it reads the stay variables only.
func NewExtractor(stay *sepsis.Stay) *Extractor {
	e := &Extractor{}
	e.Reset(stay)
	return e
}

// Reset starts again with another stay.
func (e *Extractor) Reset(stay *sepsis.Stay) { e.state.reset(stay) }

// Next takes in the next observation, later than all before it, and writes the vector of that hour into vector,
// which must hold [Count] numbers. NaN means: not known. The cost does not depend on the length of the stay.
func (e *Extractor) Next(observation *sepsis.Observation, vector []float32) {
	e.Observe(observation)
	e.Vector(vector)
}

// Observe takes in the next observation without writing a vector.
func (e *Extractor) Observe(observation *sepsis.Observation) { e.state.observe(observation) }

// Vector writes the vector of the last observed hour.
func (e *Extractor) Vector(vector []float32) {
	vector = vector[:len(Table)]
	e.state.summarise()
	for i := range Table {
		vector[i] = float32(Table[i].read(&e.state))
	}
}

// Matrix writes the vectors of all observations of a stay, one after the other, into rows.
func Matrix(stay *sepsis.Stay, rows []float32) {
	e := NewExtractor(stay)
	for i := range stay.Observations {
		e.Next(&stay.Observations[i], rows[i*len(Table):(i+1)*len(Table)])
	}
}

// maxRatio bounds quotients: beyond it the divisor is next to nothing, and the quotient says nothing.
const maxRatio = 1e6

// ratio is a / b, not known when b is 0 or next to it.
func ratio(a, b float64) float64 {
	quotient := a / b
	if math.Abs(quotient) > maxRatio {
		return sepsis.Missing
	}
	return quotient
}
