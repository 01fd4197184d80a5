package gbdt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

func encodeUBJSON(t testing.TB, b *gbdt.Booster) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.WriteXGBoostUBJSON(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// ubjsonLength is a length of 64 bits with its marker.
func ubjsonLength(n int) []byte {
	return binary.BigEndian.AppendUint64([]byte("L"), uint64(n)) //nolint:gosec // not negative
}

// ubjsonKey is a key, or what follows the marker of a string.
func ubjsonKey(name string) []byte { return append(ubjsonLength(len(name)), name...) }

// ubjsonArray is an array with type and count.
func ubjsonArray(kind string, n int, content string) []byte {
	return slices.Concat([]byte("[$"+kind+"#"), ubjsonLength(n), []byte(content))
}

// smallUBJSON is smallModel.
func smallUBJSON(t testing.TB) []byte {
	t.Helper()
	booster, err := gbdt.ReadXGBoost(strings.NewReader(smallModel), gbdt.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return encodeUBJSON(t, booster)
}

// The layout of draft 12 of UBJSON as XGBoost uses it, byte by byte.
func TestWriteXGBoostUBJSONByHand(t *testing.T) {
	model := smallUBJSON(t)
	for _, part := range [][]byte{
		slices.Concat([]byte("{"), ubjsonKey("learner"), []byte("{"), ubjsonKey("attributes"), []byte("{}"), ubjsonKey("feature_names"),
			[]byte("[#"), ubjsonLength(1), []byte("S"), ubjsonKey("x")),
		slices.Concat(ubjsonKey("iteration_indptr"), []byte("[#"), ubjsonLength(2), []byte("i\x00i\x01")),
		slices.Concat(ubjsonKey("default_left"), ubjsonArray("U", 3, "\x01\x00\x00")),
		slices.Concat(ubjsonKey("left_children"), ubjsonArray("l", 3, "\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff")),
		slices.Concat(ubjsonKey("split_conditions"), ubjsonArray("d", 3, "\x3f\xc0\x00\x00\xbe\x80\x00\x00\x3f\x00\x00\x00")), // 1.5, -0.25, 0.5
		slices.Concat(ubjsonKey("categories_sizes"), ubjsonArray("L", 0, "")),
		slices.Concat(ubjsonKey("base_score"), []byte("S"), ubjsonKey("5E-1")),
		slices.Concat(ubjsonKey("version"), []byte("[#"), ubjsonLength(3), []byte("i\x01i\x07i\x00}")),
	} {
		if !bytes.Contains(model, part) {
			t.Errorf("no %q in the model", part)
		}
	}
}

// Spellings that other writers of UBJSON have for the same.
func TestReadUBJSONSpellings(t *testing.T) {
	children := ubjsonArray("l", 3, "\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff")
	sides := ubjsonArray("U", 3, "\x01\x00\x00")
	conditions := ubjsonArray("d", 3, "\x3f\xc0\x00\x00\xbe\x80\x00\x00\x3f\x00\x00\x00")
	other := slices.Concat(ubjsonKey("attributes"), []byte("{}"))
	for _, c := range []struct{ name, old, replacement string }{
		{"short integers", string(children), "[$i#i\x03\x01\xff\xff"},
		{"integers of 16 bits", string(children), "[$I#U\x03\x00\x01\xff\xff\xff\xff"},
		{"integers of 64 bits", string(children), "[$L#I\x00\x03" + "\x00\x00\x00\x00\x00\x00\x00\x01" + strings.Repeat("\xff", 16)},
		{"a type each", string(children), "[U\x01i\xffI\xff\xff]"},
		{"a type each, counted", string(children), "[#l\x00\x00\x00\x03U\x01i\xffI\xff\xff"},
		{"true and false", string(sides), "[TFF]"},
		{"floats of 64 bits", string(conditions), "[$D#i\x03\x3f\xf8\x00\x00\x00\x00\x00\x00\xbf\xd0\x00\x00\x00\x00\x00\x00\x3f\xe0\x00\x00\x00\x00\x00\x00"},
		{"unknown members of all kinds", string(other), "i\x01a[ZNTFi\x00U\x00I\x00\x00l\x00\x00\x00\x00L\x00\x00\x00\x00\x00\x00\x00\x00" +
			"d\x00\x00\x00\x00D\x00\x00\x00\x00\x00\x00\x00\x00CxSi\x02abHi\x011[$d#i\x01\x00\x00\x00\x00[#i\x02ZZ{i\x01b[]}]"},
		{"a short key", string(ubjsonKey("objective")), "i\x09objective"},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := smallUBJSON(t)
			changed := bytes.Replace(model, []byte(c.old), []byte(c.replacement), 1)
			if bytes.Equal(model, changed) {
				t.Fatal("the case changes nothing")
			}
			booster, err := gbdt.ReadXGBoost(bytes.NewReader(changed), gbdt.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := encodeUBJSON(t, booster); !bytes.Equal(got, model) {
				t.Errorf("read %q", got)
			}
		})
	}
}

func TestReadUBJSONRefuses(t *testing.T) {
	const tree = "learner.gradient_booster.model.trees[0]"
	children := string(ubjsonArray("l", 3, "\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff"))
	conditions := string(ubjsonArray("d", 3, "\x3f\xc0\x00\x00\xbe\x80\x00\x00\x3f\x00\x00\x00"))
	attributes := slices.Concat(ubjsonKey("attributes"), []byte("{}"))
	skipped := func(value string) string { return string(ubjsonKey("Attributes")) + value }
	const huge = "L\x7f\xff\xff\xff\xff\xff\xff\xff"
	for _, c := range []struct{ name, old, replacement, want string }{
		{"cycle", children, string(ubjsonArray("l", 3, strings.Repeat("\x00", 12))), "reached twice"},
		{"a float for an integer", children, conditions, tree + `.left_children[0]`},
		{"beyond 32 bits", children, "[$L#i\x03" + strings.Repeat("\x7f", 24), tree + `.left_children[0]`},
		{"huge count", children, "[$l#" + huge, "more than 20000000 entries"},
		{"huge count of lists", string(ubjsonKey("trees")) + "[#" + string(ubjsonLength(1)), string(ubjsonKey("trees")) + "[#" + huge, "trees[1]"},
		{"negative count", children, "[$l#i\xff", "a length of -1"},
		{"a count that is no number", children, "[$l#S", "need a length"},
		{"a type without a count", children, "[$l\x00", "needs a count"},
		{"a type without bytes", children, "[$T#i\x03", "need a type of numbers"},
		{"an array of strings", children, "[Si\x01a]", `left_children[0]`},
		{"a number for an array", children, "i\x01", "need an array"},
		{"NaN", conditions, string(ubjsonArray("d", 3, "\x7f\xc0\x00\x00\xbe\x80\x00\x00\x3f\x00\x00\x00")), "split_conditions[0]"},
		{"infinite", conditions, string(ubjsonArray("d", 3, "\x7f\x80\x00\x00\xbe\x80\x00\x00\x3f\x00\x00\x00")), "split_conditions[0]"},
		{"beyond float32", conditions, "[$D#i\x03\x7f\xef" + strings.Repeat("\x00", 22), "split_conditions[0]"},
		{"flag 2", string(ubjsonArray("U", 3, "\x01\x00\x00")), string(ubjsonArray("U", 3, "\x02\x00\x00")), "default_left[0]"},
		{"twice the same key", string(ubjsonKey("left_children")), string(ubjsonKey("right_children")), `duplicate "right_children"`},
		{"a number for a string", "S" + string(ubjsonKey("gbtree")), "i\x00", "need a string"},
		{"an object for a list", string(ubjsonKey("trees")) + "[#" + string(ubjsonLength(1)), string(ubjsonKey("trees")) + "{", "need an array"},
		{"an array for a list", string(ubjsonKey("trees")) + "[#" + string(ubjsonLength(1)), string(ubjsonKey("trees")) + "[$l#i\x01", "not an array of numbers"},
		{"an object with a count", string(ubjsonKey("learner")) + "{", string(ubjsonKey("learner")) + "{#i\x01", "without type or count"},
		{"huge string", "S" + string(ubjsonKey("gbtree")), "S" + huge, "unexpected EOF"},
		{"huge skipped string", string(attributes), skipped("S" + huge), "unexpected EOF"},
		{"huge skipped array", string(attributes), skipped("[$D#" + huge), "entries"},
		{"huge skipped list", string(attributes), skipped("[#" + huge), "need a value"},
		{"deep", string(attributes), skipped(strings.Repeat("[", 1000)), "more than 100 containers"},
		{"deep objects", string(attributes), skipped(strings.Repeat("{i\x01a", 1000)), "more than 100 containers"},
		{"unknown marker", string(attributes), skipped("?"), "need a value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := smallUBJSON(t)
			changed := bytes.Replace(model, []byte(c.old), []byte(c.replacement), 1)
			if bytes.Equal(model, changed) {
				t.Fatal("the case changes nothing")
			}
			_, err := gbdt.ReadXGBoost(bytes.NewReader(changed), gbdt.Limits{})
			wantError(t, err, c.want)
		})
	}
	_, err := gbdt.ReadXGBoost(bytes.NewReader(append(smallUBJSON(t), 'Z')), gbdt.Limits{})
	wantError(t, err, "more data")
}

// Whatever is missing at the end of a file, the reader says so.
func TestReadUBJSONCutShort(t *testing.T) {
	model := smallUBJSON(t)
	for length := range model {
		if _, err := gbdt.ReadXGBoost(bytes.NewReader(model[:length]), gbdt.Limits{}); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d of %d bytes: error %v", length, len(model), err)
		}
	}
}

// A file of a few bytes that promises millions of entries takes memory for what it has.
func TestReadUBJSONIsBounded(t *testing.T) {
	model := smallUBJSON(t)
	children := ubjsonArray("l", 3, "\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff")
	model = bytes.Replace(model, children, ubjsonArray("l", 19_000_000, "\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff"), 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := gbdt.ReadXGBoost(bytes.NewReader(model), gbdt.Limits{})
	runtime.ReadMemStats(&after)
	if err == nil || after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("error %v, %d bytes allocated", err, after.TotalAlloc-before.TotalAlloc)
	}
}

// XGBoost's own JSON and UBJSON of one model read as the same.
func TestEncodingsOfXGBoostAgree(t *testing.T) {
	for _, name := range []string{"depth4", "estimate"} {
		text := encode(t, readModel(t, filepath.Join("testdata", "models", "xgboost_"+name+"_json")))
		binary := encode(t, readModel(t, filepath.Join("testdata", "models", "xgboost_"+name+"_ubj")))
		if !bytes.Equal(text, binary) {
			t.Errorf("%s: the encodings differ", name)
		}
	}
}

// Any change of one byte of XGBoost's own file gives an error or a model, never a panic.
func TestReadUBJSONWithOneByteChanged(t *testing.T) {
	model, err := os.ReadFile(filepath.Join("testdata", "models", "xgboost_depth4_ubj", "model.ubj"))
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for i := range model {
		changed := bytes.Clone(model)
		changed[i] ^= 0x55
		if _, err := gbdt.ReadXGBoost(bytes.NewReader(changed), gbdt.Limits{}); err != nil {
			failed++
		}
	}
	if failed < len(model)/4 {
		t.Error(fmt.Sprint(failed, " of ", len(model), " changes are noticed"))
	}
}
