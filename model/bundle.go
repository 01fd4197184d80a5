// Package model holds the bundle: trees, calibration, operating points and provenance in one read-only file, how it
// is trained and how it predicts.
package model

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/neural"
)

// A bundle file is a zip archive: what it says of itself, the trees, and the trees of each forecast, all in XGBoost's own
// format, which XGBoost opens as it is, the network beside them, and the fingerprints of the stays that they were learnt from.
const (
	manifestEntry = "bundle.json"
	treesEntry    = "trees.json"
	networkEntry  = "network.json" // optional
	staysEntry    = "stays.bin"    // optional
)

// forecastEntry is the entry of a forecast's trees.
func forecastEntry(column string) string { return column + ".json" }

// otherProgram is the cure for a bundle that this program cannot apply.
const otherProgram = "train the model again, or use the program that it was trained with"

// Format is the version of the bundle's layout. Format 1 had neither an alert point nor a reference, format 2 no forecasts.
const Format = 3

// Bounds on a bundle file, which is read as untrusted input.
const (
	maxManifest = 8 << 20   // bytes, unpacked
	maxTrees    = 512 << 20 // bytes, unpacked
	maxNetwork  = 16 << 20  // bytes, unpacked
	maxStays    = 16 << 20  // bytes, unpacked: about 4 million stays
	maxBundle   = 128 << 20 // bytes, packed
)

// Calibration maps the trees' raw margin m to a probability: 1 / (1 + exp(-(Intercept + Slope*m))), by logistic
// recalibration (Platt 1999; Cox 1958) on out-of-fold margins, steeper by [Pooling] where they are of one booster and m is of several.
type Calibration struct {
	Intercept float64 `json:"intercept"`
	Slope     float64 `json:"slope"`
}

// Probability is the calibrated probability of a margin.
func (c Calibration) Probability(margin float64) float64 {
	return 1 / (1 + math.Exp(-(c.Intercept + float64(c.Slope*margin))))
}

// OperatingPoint is a threshold on the calibrated probability.
type OperatingPoint struct {
	Name      string  `json:"name"`
	Threshold float64 `json:"threshold"`
	Choice    string  `json:"choice"` // how it was chosen
}

// Provenance says where a bundle comes from. It holds no time and no path, so that training again gives the same
// bytes.
type Provenance struct {
	Command    string   `json:"command"`
	Data       []string `json:"data"`        // the cohorts' names
	DataDigest string   `json:"data_sha256"` // of the stays' files
	Synthetic  bool     `json:"synthetic"`   // trained on made-up stays
	Seed       uint64   `json:"seed"`
	Stays      int      `json:"stays"`
	Hours      int      `json:"hours"`
	Septic     int      `json:"septic_stays"`
	Recipe     string   `json:"recipe,omitempty"` // that the options came from: empty for that of the shipped model, or [PortableRecipe]
	Options    Options  `json:"options"`
	GoVersion  string   `json:"go_version"`
	// Imported says where the trees come from, if they were trained elsewhere. Then the options, but for the folds, say nothing.
	Imported *Imported `json:"imported,omitempty"`
	// Recalibrations lists how calibration and thresholds were fitted again after the training, the first one first.
	Recalibrations []Recalibration `json:"recalibrations,omitempty"`
	// Adaptations lists how forecasts were learnt anew after the training, the first one first.
	Adaptations []Adaptation `json:"adaptations,omitempty"`
}

// Manifest is what a bundle says of itself.
type Manifest struct {
	Format      int          `json:"format"`
	Name        string       `json:"name"`
	Version     string       `json:"version"`
	Features    string       `json:"features"`    // digest of the feature table that it was trained on
	Forecasters []Forecaster `json:"forecasters"` // what the trees see beyond the features, in this order
	Calibration Calibration  `json:"calibration"`
	// SingleHour is added to the margin of an hour without history. What answers such hours differs from what answers the others, and so does how high its
	// margins are. A recalibration keeps it; models that were imported have none, which is 0.
	SingleHour float64         `json:"single_hour,omitempty"`
	Pooling    *Pooling        `json:"pooling,omitempty"` // that the calibration allows for; nil if for none
	Operating  OperatingPoint  `json:"operating_point"`
	Alert      *AlertPoint     `json:"alert_point"`
	Reference  *Reference      `json:"reference"` // what the hours of the training looked like
	Provenance Provenance      `json:"provenance"`
	Evidence   json.RawMessage `json:"evidence,omitempty"` // figures with intervals, as package evaluate wrote them
	// Parent is the model that this one was fitted to a site from, the first of them that has figures of its own; nil if none.
	Parent *sepsis.ModelInfo `json:"parent,omitempty"`
	// ParentEvidence are the figures of the parent, with its own forecasts, calibration and thresholds.
	ParentEvidence json.RawMessage `json:"parent_evidence,omitempty"`
	// NetworkShare is that of the network in the margin of an hour that has hours before it; 0 without one. The trees have the rest.
	NetworkShare float64        `json:"network_share,omitempty"`
	SelfTest     []SelfTestCase `json:"self_test"`
}

// Points are the two operating points.
func (m *Manifest) Points() sepsis.OperatingPoints {
	return sepsis.OperatingPoints{Threshold: m.Operating.Threshold, Alert: m.Alert.Rule()}
}

// Bundle is a trained model with everything that it needs to predict.
type Bundle struct {
	Manifest
	Trees   *gbdt.Booster   // on the features and the forecasts
	Network *neural.Network // on the features; nil without one
	Learnt  Fingerprints    // the stays that it was learnt from; nil where that is not recorded
}

// Bytes is the bundle file. The same bundle gives the same bytes.
func (b *Bundle) Bytes() ([]byte, error) {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	if err := b.write(archive); err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	return file.Bytes(), nil
}

// write writes all entries, and ends the archive.
func (b *Bundle) write(archive *zip.Writer) error {
	manifest, err := json.MarshalIndent(b.Manifest, "", " ")
	if err != nil {
		return err
	}
	if err := writeEntry(archive, manifestEntry, manifest, maxManifest); err != nil {
		return err
	}
	if err := writeTrees(archive, treesEntry, b.Trees); err != nil {
		return err
	}
	for _, f := range b.Forecasters {
		if err := writeTrees(archive, forecastEntry(f.Column), f.Trees); err != nil {
			return err
		}
	}
	if b.Network != nil {
		network, err := json.Marshal(b.Network)
		if err != nil {
			return err
		}
		if err := writeEntry(archive, networkEntry, network, maxNetwork); err != nil {
			return err
		}
	}
	if b.Learnt != nil {
		if err := writeEntry(archive, staysEntry, b.Learnt.bytes(), maxStays); err != nil {
			return err
		}
	}
	return archive.Close()
}

// writeEntry refuses what would not be read again.
func writeEntry(archive *zip.Writer, name string, content []byte, limit int) error {
	if len(content) > limit {
		return fmt.Errorf("%s: %d bytes, and no more than %d are read again", name, len(content), limit)
	}
	entry, err := archive.CreateHeader(header(name))
	if err != nil {
		return err
	}
	_, err = entry.Write(content)
	return err
}

func writeTrees(archive *zip.Writer, name string, trees *gbdt.Booster) error {
	entry, err := archive.CreateHeader(header(name))
	if err != nil {
		return err
	}
	if err := trees.WriteXGBoost(entry); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// header describes an entry with the earliest time that a zip archive can hold, so that time leaves no trace.
func header(name string) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// Digest is the SHA-256 of a bundle file, in hexadecimal.
func Digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// Read opens a bundle file. It is read as untrusted input: everything is bounded and checked, and an error tells
// what is wrong. A bundle that was trained on another feature table is refused.
func Read(file []byte) (*Bundle, error) {
	var bundle Bundle
	if err := bundle.read(file); err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	return &bundle, nil
}

func (b *Bundle) read(file []byte) error {
	if len(file) > maxBundle {
		return fmt.Errorf("%d bytes, more than %d", len(file), maxBundle)
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return fmt.Errorf("not a bundle file: %w", err)
	}
	manifest, err := readEntry(archive, manifestEntry, maxManifest)
	if err != nil {
		return err
	}
	if err := b.Manifest.read(manifest); err != nil {
		return fmt.Errorf("%s: %w", manifestEntry, err)
	}
	var network error
	var beside sync.WaitGroup
	beside.Go(func() { b.Network, network = b.readNetwork(archive) }) // takes as long as all trees: a service starts sooner
	err = b.readAllTrees(archive)
	beside.Wait()
	if err := cmp.Or(err, network); err != nil {
		return err
	}
	b.Learnt, err = readStays(archive)
	return err
}

func (b *Bundle) readAllTrees(archive *zip.Reader) (err error) {
	if b.Trees, err = readTrees(archive, treesEntry, features.Count()+2*len(b.Forecasters)); err != nil {
		return err
	}
	for i := range b.Forecasters {
		f := &b.Forecasters[i]
		if f.Trees, err = readTrees(archive, forecastEntry(f.Column), features.Count()); err != nil {
			return err
		}
	}
	return nil
}

// readNetwork gives nil where the manifest speaks of none.
func (b *Bundle) readNetwork(archive *zip.Reader) (*neural.Network, error) {
	if b.NetworkShare == 0 {
		return nil, nil //nolint:nilnil // said above
	}
	content, err := readEntry(archive, networkEntry, maxNetwork)
	if err != nil {
		return nil, err
	}
	var network neural.Network
	if err := json.Unmarshal(content, &network); err != nil {
		return nil, fmt.Errorf("%s: %w", networkEntry, err)
	}
	if got := network.Columns(); got != features.Count() {
		return nil, fmt.Errorf("%s: %d features, %d expected", networkEntry, got, features.Count())
	}
	return &network, nil
}

// readTrees reads the trees of an entry, which must be on so many columns.
func readTrees(archive *zip.Reader, name string, columns int) (*gbdt.Booster, error) {
	content, err := readEntry(archive, name, maxTrees)
	if err != nil {
		return nil, err
	}
	trees, err := gbdt.ReadXGBoost(bytes.NewReader(content), gbdt.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if got := len(trees.Features()); got != columns {
		return nil, fmt.Errorf("%s: %d features, %d expected", name, got, columns)
	}
	return trees, nil
}

// readStays gives nil where the file holds no fingerprints.
func readStays(archive *zip.Reader) (Fingerprints, error) {
	if !slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == staysEntry }) {
		return nil, nil
	}
	packed, err := readEntry(archive, staysEntry, maxStays)
	if err != nil {
		return nil, err
	}
	learnt, err := readFingerprints(packed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", staysEntry, err)
	}
	return learnt, nil
}

func readEntry(archive *zip.Reader, name string, limit int64) ([]byte, error) {
	entry, err := archive.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not in the file: %w", name, err)
	}
	content, err := io.ReadAll(io.LimitReader(entry, limit+1))
	if err := errors.Join(err, entry.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s unpacks to more than %d bytes", name, limit)
	}
	return content, nil
}

// read reads and checks a manifest. The format is read first and alone: what other formats have beside it is not known.
func (m *Manifest) read(manifest []byte) error {
	var of struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(manifest, &of); err != nil {
		return err
	}
	if of.Format != Format {
		return fmt.Errorf("format %d, this program reads format %d: %s", of.Format, Format, otherProgram)
	}
	decoder := json.NewDecoder(bytes.NewReader(manifest))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(m); err != nil {
		return err
	}
	return m.check()
}

// CheckName refuses what no model can be called.
func CheckName(name, version string) error {
	if name == "" || version == "" {
		return errors.New("name or version is missing")
	}
	if strings.ContainsFunc(name+version, unicode.IsControl) {
		return fmt.Errorf("name %q or version %q has control characters: name the model by what can be read", name, version)
	}
	return nil
}

func (m *Manifest) check() error {
	if err := CheckName(m.Name, m.Version); err != nil {
		return err
	}
	if m.Features != features.Digest() {
		return fmt.Errorf("trained on feature table %s, this program computes %s: %s", m.Features, features.Digest(), otherProgram)
	}
	if err := m.checkForecasters(); err != nil {
		return err
	}
	for _, x := range []float64{m.Calibration.Intercept, m.Calibration.Slope, m.SingleHour} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return errors.New("calibration is not finite")
		}
	}
	if m.Calibration.Slope <= 0 {
		return fmt.Errorf("calibration slope %g is not above 0", m.Calibration.Slope)
	}
	if err := m.Pooling.check(); err != nil {
		return err
	}
	if m.NetworkShare != 0 {
		if err := checkShare(m.NetworkShare); err != nil {
			return err
		}
	}
	if !(m.Operating.Threshold > 0 && m.Operating.Threshold < 1) {
		return fmt.Errorf("threshold %g is not between 0 and 1", m.Operating.Threshold)
	}
	if len(m.SelfTest) == 0 {
		return errors.New("no self-test")
	}
	if m.ParentEvidence != nil && m.Parent == nil {
		return errors.New("figures of a parent that is not named")
	}
	if err := m.checkAlert(); err != nil {
		return err
	}
	return m.checkReference()
}

// checkForecasters wants all forecasts that this program knows, or none.
func (m *Manifest) checkForecasters() error {
	var columns []string
	for i := range m.Forecasters {
		if err := m.Forecasters[i].check(); err != nil {
			return err
		}
		columns = append(columns, m.Forecasters[i].Column)
	}
	if known := forecastNames(); len(columns) > 0 && !slices.Equal(columns, known) {
		return fmt.Errorf("trained on the forecasts %q, this program makes %q: %s", columns, known, otherProgram)
	}
	return nil
}

func (m *Manifest) checkAlert() error {
	if m.Alert == nil {
		return errors.New("no alert point: train the model again")
	}
	if alert := m.Alert.Threshold; !(alert >= m.Operating.Threshold && alert < 1) {
		return fmt.Errorf("alert threshold %g is not between the threshold %g and 1", alert, m.Operating.Threshold)
	}
	if !(m.Alert.Clear > 0 && m.Alert.Clear <= m.Alert.Threshold) {
		return fmt.Errorf("an alert of threshold %g cannot end below %g", m.Alert.Threshold, m.Alert.Clear)
	}
	if !(m.Alert.Prevalence > 0 && m.Alert.Prevalence < 1) {
		return fmt.Errorf("the alert's prevalence %g is not between 0 and 1", m.Alert.Prevalence)
	}
	if !(m.Alert.TargetPPV > 0 && m.Alert.TargetPPV < 1) {
		return fmt.Errorf("the alert's target %g is not between 0 and 1", m.Alert.TargetPPV)
	}
	if ppv := m.Alert.PPV; ppv != nil && !(*ppv >= 0 && *ppv <= 1) {
		return fmt.Errorf("the alert's predictive value %g is not within 0 and 1", *ppv)
	}
	return nil
}

func (m *Manifest) checkReference() error {
	if m.Reference == nil {
		return errors.New("no reference of the training's hours: train the model again")
	}
	return m.Reference.check()
}
