package gbdt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ReadLightGBM reads a LightGBM model in its text format, v3 or v4 (LightGBM 3 and 4;
// https://lightgbm.readthedocs.io): objective binary or regression, numeric splits with a constant in each
// leaf, one output.
//
// Margins equal LightGBM's raw scores for rows of float32 values, within the rounding of leaves to float32; for
// a binary objective they are multiplied by its sigmoid parameter, 1 unless set, so that they are log-odds. Thresholds are
// exact: LightGBM's x <= t, with a float64 t, becomes x < c with the least float32 c above t; where there is no finite one,
// c is the largest float32, and only that value and +Inf go the other way. Covers are the numbers of training rows, as
// in LightGBM's own contributions.
//
// A missing value goes where LightGBM sends it: to the learned side; or, where training saw none or use_missing was false, with 0.
// A model trained with zero_as_missing makes a booster that takes 0 (to within 1e-35, as LightGBM does) for missing in
// the features where that makes a difference; XGBoost's formats cannot express it, so [Booster.WriteXGBoost] refuses it.
//
// The input is not trusted: beyond the limits, or when the file is not such a model, it fails with an error that
// names the line, and memory stays in proportion to the bytes read. What follows the trees is not looked at.
func ReadLightGBM(r io.Reader, limits Limits) (*Booster, error) {
	limits = limits.withDefaults()
	bounded := &io.LimitedReader{R: r, N: limits.Bytes + 1}
	l := lightGBMReader{in: bufio.NewReaderSize(bounded, 1<<16), limits: limits}
	err := l.model()
	if bounded.N <= 0 {
		return nil, fmt.Errorf("gbdt: LightGBM model is larger than %d bytes", limits.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("gbdt: LightGBM model: %w", err)
	}
	return l.booster, nil
}

type lightGBMReader struct {
	in      *bufio.Reader
	line    int // the last one read, counted from 1
	limits  Limits
	scale   float64 // from raw scores to margins
	booster *Booster
	zeros   []zeroUse // of each feature
}

// A lightGBMSection holds the lines key=value of the header or of a tree.
type lightGBMSection map[string]lightGBMLine

type lightGBMLine struct {
	number int
	value  string
}

func (l *lightGBMReader) model() error {
	first, err := l.next()
	if err != nil {
		return err
	}
	if first != "tree" {
		return fmt.Errorf("line %d: %.40q, a model starts with \"tree\"", l.line, first)
	}
	header, last, err := l.section()
	if err != nil {
		return err
	}
	if err := l.header(header); err != nil {
		return err
	}
	for last != "end of trees" {
		if want := fmt.Sprintf("Tree=%d", l.booster.Trees()); last != want {
			return fmt.Errorf("line %d: %.40q, need %q or \"end of trees\"", l.line, last, want)
		}
		if l.booster.Trees() >= l.limits.Trees {
			return fmt.Errorf("line %d: more than %d trees", l.line, l.limits.Trees)
		}
		at := l.line
		var tree lightGBMSection
		if tree, last, err = l.section(); err != nil {
			return err
		}
		if err := l.tree(tree, at); err != nil {
			return err
		}
	}
	return l.settleZeros()
}

// next reads a line that is not empty.
func (l *lightGBMReader) next() (string, error) {
	for {
		text, err := l.in.ReadString('\n')
		if text == "" && errors.Is(err, io.EOF) {
			return "", fmt.Errorf("line %d: %w, need \"end of trees\"", l.line, io.ErrUnexpectedEOF)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("line %d: %w", l.line, err)
		}
		l.line++
		if text = strings.TrimRight(text, "\r\n"); text != "" {
			return text, nil
		}
	}
}

// section reads lines up to the one that starts the next section, which it returns.
func (l *lightGBMReader) section() (lightGBMSection, string, error) {
	s := lightGBMSection{}
	for {
		text, err := l.next()
		if err != nil {
			return nil, "", err
		}
		if text == "end of trees" || strings.HasPrefix(text, "Tree=") {
			return s, text, nil
		}
		key, value, _ := strings.Cut(text, "=")
		if _, twice := s[key]; twice {
			return nil, "", fmt.Errorf("line %d: duplicate %.40q", l.line, key)
		}
		s[key] = lightGBMLine{l.line, value}
	}
}

// fault is an error at the line of a key.
func (s lightGBMSection) fault(key, format string, values ...any) error {
	return fmt.Errorf("line %d, %s: "+format, append([]any{s[key].number, key}, values...)...)
}

func (l *lightGBMReader) header(s lightGBMSection) error {
	for _, key := range []string{"version", "num_class", "num_tree_per_iteration", "max_feature_idx", "objective", "feature_names"} {
		if _, there := s[key]; !there {
			return fmt.Errorf("line %d: no %q before the trees", l.line, key)
		}
	}
	if version := s["version"].value; version != "v3" && version != "v4" {
		return s.fault("version", "%.40q, only v3 and v4 are supported", version)
	}
	for _, key := range []string{"num_class", "num_tree_per_iteration"} {
		if s[key].value != "1" {
			return s.fault(key, "%.40q, only one output is supported", s[key].value)
		}
	}
	if _, there := s["average_output"]; there {
		return s.fault("average_output", "random forests are not supported")
	}
	objective, err := l.objective(s)
	if err != nil {
		return err
	}
	last, err := strconv.Atoi(s["max_feature_idx"].value)
	if err != nil || last < 0 || last >= l.limits.Features {
		return s.fault("max_feature_idx", "%.40q, need 0 to %d", s["max_feature_idx"].value, l.limits.Features-1)
	}
	names := strings.Fields(s["feature_names"].value)
	if len(names) != last+1 {
		return s.fault("feature_names", "%d names, max_feature_idx is %d", len(names), last)
	}
	if names, err = featureNames(names, last+1); err != nil {
		return s.fault("feature_names", "%w", err)
	}
	l.booster = newBooster(names, objective.base(0), objective)
	l.zeros = make([]zeroUse, len(names))
	return nil
}

// objective reads "binary sigmoid:1" or "regression".
func (l *lightGBMReader) objective(s lightGBMSection) (Objective, error) {
	l.scale = 1
	words := strings.Fields(s["objective"].value)
	switch {
	case len(words) == 1 && words[0] == "regression":
		return SquaredError, nil
	case len(words) == 1 && words[0] == "binary":
		return Logistic, nil
	case len(words) == 2 && words[0] == "binary" && strings.HasPrefix(words[1], "sigmoid:"):
		scale, err := strconv.ParseFloat(strings.TrimPrefix(words[1], "sigmoid:"), 64)
		if err != nil || !(scale > 0 && scale <= math.MaxFloat32) {
			return 0, s.fault("objective", "%.40q, need a finite sigmoid above 0", words[1])
		}
		l.scale = scale
		return Logistic, nil
	}
	return 0, s.fault("objective", "%.80q, only binary and regression are supported", s["objective"].value)
}

// lightGBMTree holds a tree's arrays: of its splits, then of its leaves. A child c below 0 is leaf ^c.
type lightGBMTree struct {
	left, right, feature, decision []int32
	threshold, gain, value, count  []float64
	leafValue, leafCount           []float64
}

func (l *lightGBMReader) tree(s lightGBMSection, at int) error {
	leaves, err := strconv.Atoi(s["num_leaves"].value)
	if room := (l.limits.Nodes - len(l.booster.nodes) + 1) / 2; err != nil || leaves < 1 || leaves > room {
		return fmt.Errorf("line %d, num_leaves: %.40q, need 1 to %d", max(at, s["num_leaves"].number), s["num_leaves"].value, room)
	}
	if categories, there := s["num_cat"]; there && categories.value != "0" {
		return s.fault("num_cat", "%.40q: categorical splits are not supported", categories.value)
	}
	if linear, there := s["is_linear"]; there && linear.value != "0" {
		return s.fault("is_linear", "%.40q: linear leaves are not supported", linear.value)
	}
	var t lightGBMTree
	splits, counts := leaves-1, leaves
	if leaves == 1 && s["leaf_count"].value == "" { // LightGBM 3 does not count the rows of a single leaf
		t.leafCount, counts = []float64{0}, 0
	}
	for _, array := range []struct {
		key    string
		length int
		read   func(text string) error
	}{
		{"split_feature", splits, integersInto(&t.feature)},
		{"split_gain", splits, floatsInto(&t.gain)},
		{"threshold", splits, floatsInto(&t.threshold)},
		{"decision_type", splits, integersInto(&t.decision)},
		{"left_child", splits, integersInto(&t.left)},
		{"right_child", splits, integersInto(&t.right)},
		{"internal_value", splits, floatsInto(&t.value)},
		{"internal_count", splits, floatsInto(&t.count)},
		{"leaf_value", leaves, floatsInto(&t.leafValue)},
		{"leaf_count", counts, floatsInto(&t.leafCount)},
	} {
		if _, there := s[array.key]; !there && array.length > 0 {
			return fmt.Errorf("line %d: Tree=%d has no %q", at, l.booster.Trees(), array.key)
		}
		if err := s.array(array.key, array.length, array.read); err != nil {
			return err
		}
	}
	return l.append(&t, s)
}

// array reads the numbers of a line.
func (s lightGBMSection) array(key string, length int, read func(text string) error) error {
	count := 0
	for text := range strings.FieldsSeq(s[key].value) {
		if count == length {
			return s.fault(key, "more than %d entries", length)
		}
		if err := read(text); err != nil {
			return s.fault(key, "entry %d: %.40q, need %w", count, text, err)
		}
		count++
	}
	if count != length {
		return s.fault(key, "%d entries, need %d", count, length)
	}
	return nil
}

func integersInto(values *[]int32) func(string) error {
	return func(text string) error {
		v, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return errors.New(needInteger)
		}
		*values = append(*values, int32(v))
		return nil
	}
}

func floatsInto(values *[]float64) func(string) error {
	return func(text string) error {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v != v {
			return errors.New("a number")
		}
		*values = append(*values, v)
		return nil
	}
}

// append lays a tree out in breadth-first order, following children from the root.
func (l *lightGBMReader) append(t *lightGBMTree, s lightGBMSection) error {
	b := l.booster
	first := int32(len(b.nodes))                       //nolint:gosec // bounded by Limits
	seen := make([]bool, len(t.left)+len(t.leafValue)) // splits, then leaves
	order, depths := []int32{0}, []int{0}
	if len(t.left) == 0 {
		order[0] = ^0
	}
	seen[0] = true
	for i := 0; i < len(order); i++ {
		id := order[i]
		if id < 0 {
			value := l.scale * t.leafValue[^id]
			if !(math.Abs(value) <= math.MaxFloat32) {
				return s.fault("leaf_value", "entry %d: %v is beyond float32", ^id, value)
			}
			b.appendNode(node{value: float32(value), cover: float32Within(t.leafCount[^id])}, 0, float32(value))
			continue
		}
		if err := t.validateSplit(s, id, b.features, seen); err != nil {
			return err
		}
		if depths[i] >= l.limits.Depth {
			return s.fault("left_child", "split %d lies deeper than %d", id, l.limits.Depth)
		}
		n := l.split(t, id, s)
		n.left = first + int32(len(order)) //nolint:gosec // bounded by Limits
		b.appendNode(n, float32Within(t.gain[id]), float32Within(l.scale*t.value[id]))
		order = append(order, t.left[id], t.right[id])
		depths = append(depths, depths[i]+1, depths[i]+1)
	}
	b.starts = append(b.starts, int32(len(b.nodes))) //nolint:gosec // bounded by Limits
	return nil
}

// float32Within holds what is only informative within float32.
func float32Within(v float64) float32 {
	return float32(min(max(v, -math.MaxFloat32), math.MaxFloat32))
}

// validateSplit checks a split's children and feature, and marks the children as seen.
func (t *lightGBMTree) validateSplit(s lightGBMSection, id int32, features int, seen []bool) error {
	for _, side := range []struct {
		key   string
		child int32
	}{{"left_child", t.left[id]}, {"right_child", t.right[id]}} {
		if int(side.child) >= len(t.left) || int(^side.child) >= len(t.leafValue) {
			return s.fault(side.key, "entry %d: no node %d in a tree of %d leaves", id, side.child, len(t.leafValue))
		}
		place := int(side.child)
		if side.child < 0 {
			place = len(t.left) + int(^side.child)
		}
		if seen[place] {
			return s.fault(side.key, "entry %d: node %d %w", id, side.child, errCycle)
		}
		seen[place] = true
	}
	if feature := t.feature[id]; feature < 0 || int(feature) >= features {
		return s.fault("split_feature", "entry %d: no feature %d, there are %d", id, feature, features)
	}
	if t.decision[id]&decisionCategorical != 0 {
		return s.fault("decision_type", "entry %d: categorical splits are not supported", id)
	}
	if decision := t.decision[id]; decision < 0 || decision > decisionLast {
		return s.fault("decision_type", "entry %d: %d, need 0 to %d", id, decision, decisionLast)
	}
	return nil
}

// The bits of decision_type (LightGBM's include/LightGBM/tree.h): 1 for a categorical split, 2 when missing goes left, and what
// is missing in the next two: nothing, 0, or NaN.
const (
	decisionCategorical = 1
	decisionDefaultLeft = 2
	decisionMissing     = 4 | 8
	decisionZero        = 4
	decisionNaN         = 8
	decisionLast        = decisionNaN | decisionDefaultLeft
)

// split makes a split without its children, and notes what it does with 0.
func (l *lightGBMReader) split(t *lightGBMTree, id int32, s lightGBMSection) node {
	threshold, feature := t.threshold[id], t.feature[id]
	missingLeft := t.decision[id]&decisionDefaultLeft != 0
	missing := t.decision[id] & decisionMissing
	if missing != decisionZero && missing != decisionNaN {
		missingLeft = 0 <= threshold
	}
	l.zeros[feature].note(missing == decisionZero, missingLeft, threshold, s["decision_type"].number)
	n := node{split: uint32(feature) << 1, value: lessThan(threshold), cover: float32Within(t.count[id])} //nolint:gosec // validated
	if missingLeft {
		n.split |= 1
	}
	return n
}

// lessThan returns the c for which x < c is what LightGBM makes of x <= threshold, for finite float32 x but the largest. LightGBM
// takes all x that count as 0 for 0, so a threshold among them is one at their lower or upper end.
func lessThan(threshold float64) float32 {
	const zero = float64(nearlyZero)
	switch {
	case threshold >= -zero && threshold < 0:
		return -nearlyZero
	case threshold >= 0 && threshold < zero:
		threshold = zero
	}
	c := float32(threshold)
	if float64(c) <= threshold {
		c = math.Nextafter32(c, float32(math.Inf(1)))
	}
	return min(c, math.MaxFloat32)
}

// zeroUse is what the splits on a feature do with 0: the last line that has one for which 0 must be missing, and the last
// for which it must not be.
type zeroUse struct{ missing, present int }

// note adds a split. Where 0 goes to the side of missing values anyway, it fits both.
func (z *zeroUse) note(zeroIsMissing, missingLeft bool, threshold float64, line int) {
	switch zeroLeft := 0 <= threshold; {
	case missingLeft == zeroLeft:
	case zeroIsMissing:
		z.missing = line
	default:
		z.present = line
	}
}

// settleZeros decides for which features the booster takes 0 for missing.
func (l *lightGBMReader) settleZeros() error {
	for f, z := range l.zeros {
		if z.missing == 0 {
			continue
		}
		if z.present != 0 {
			return fmt.Errorf("line %d, decision_type: %.40q is 0 for missing, and in line %d it is not; one booster cannot do both",
				z.missing, l.booster.names[f], z.present)
		}
		if l.booster.zeroIsMissing == nil {
			l.booster.zeroIsMissing = make([]bool, len(l.zeros))
		}
		l.booster.zeroIsMissing[f] = true
	}
	l.booster.nodes = slices.Clip(l.booster.nodes)
	return nil
}
