package challenge

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	sepsis "github.com/medtech-detect/sepsis"
)

// syntheticPrefix begins the name of every synthetic hospital and stay.
const syntheticPrefix = "synthetic"

// maxSyntheticStays is what the six digits of a stay's id hold.
const maxSyntheticStays = 999_999

// SynthOptions describe a synthetic cohort.
type SynthOptions struct {
	Stays       int     // from 1 to 999,999
	Seed        uint64  // the same options give the same stays
	SepticShare float64 // the chance of each stay to be septic, from 0 to 1; the Challenge's sets have 0.088 and 0.057
	Hospital    string  // the folder; its name begins with "synthetic"; synthetic_setA if empty
}

// IsSynthetic tells by a hospital's name that its stays were made up. A model learnt from them is for demonstration only.
func IsSynthetic(hospital string) bool { return strings.HasPrefix(hospital, syntheticPrefix) }

// checked fills in the default and refuses what makes no sense.
func (o SynthOptions) checked() (SynthOptions, error) {
	o.Hospital = cmp.Or(o.Hospital, "synthetic_setA")
	switch {
	case o.Stays < 1 || o.Stays > maxSyntheticStays:
		return o, fmt.Errorf("%d stays: from 1 to %d can be made", o.Stays, maxSyntheticStays)
	case !isProbability(o.SepticShare):
		return o, fmt.Errorf("the septic share %v is not from 0 to 1", o.SepticShare)
	case !IsSynthetic(o.Hospital) || strings.ContainsAny(o.Hospital, `/\:`):
		return o, fmt.Errorf("the hospital %q must be a plain name that begins with %q", o.Hospital, syntheticPrefix)
	}
	return o, nil
}

// Synthesize makes up stays that look like the Challenge's: vital signs each hour around the patient's own level,
// laboratory values every 4 to 24 hours, mostly missing ones, levels that depend on chronic disease. Septic stays
// worsen from about 12 hours before onset, are labelled from 6 hours before it, and end 3 hours after it, as
// the Challenge's do. No stay breaks a hard range or a coherence rule. The figures are chosen to look plausible; nothing is
// learnt from patients, and nothing about patients can be learnt from them.
// Each stay has its own random source, so that a longer cohort begins with the stays of a shorter one.
func Synthesize(options SynthOptions) (iter.Seq[sepsis.LabelledStay], error) {
	options, err := options.checked()
	if err != nil {
		return nil, err
	}
	hospital := fnv.New64a()
	_, _ = hospital.Write([]byte(options.Hospital)) // a hash takes everything
	return func(yield func(sepsis.LabelledStay) bool) {
		for i := range options.Stays {
			random := rand.New(rand.NewPCG(options.Seed, hospital.Sum64()+uint64(i))) // #nosec G404 -- reproducible by design
			stay := newPatient(random, random.Float64() < options.SepticShare).stay()
			stay.ID = fmt.Sprintf("%s%06d", syntheticPrefix, i+1)
			stay.PatientID = stay.ID
			stay.Hospital = options.Hospital
			if !yield(stay) {
				return
			}
		}
	}, nil
}

// syntheticNotice is the text of SYNTHETIC.txt.
const syntheticNotice = `The stays in this folder are synthetic: made up by a random generator, not recorded from patients.
They serve to try out and to demonstrate. What is learnt or measured on them says nothing about patients.
`

// WriteCohort writes a synthetic cohort: the folder named as the hospital, in it one file for each stay and a notice,
// SYNTHETIC.txt. A folder that holds anything already is refused, so that synthetic and recorded stays never mix.
// It gives how many stays were written, also with an error, such as that of a context that ends: those are whole.
func WriteCohort(ctx context.Context, dir string, options SynthOptions) (written int, err error) {
	stays, err := Synthesize(options)
	if err != nil {
		return 0, err
	}
	options, err = options.checked()
	if err != nil {
		return 0, err
	}
	folder := filepath.Join(dir, options.Hospital)
	if err := makeEmptyFolder(folder); err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(folder, "SYNTHETIC.txt"), []byte(syntheticNotice), fileMode); err != nil {
		return 0, err
	}
	for stay := range stays {
		if err := ctx.Err(); err != nil {
			return written, err
		}
		var content bytes.Buffer
		if err := WriteStay(&content, &stay); err != nil {
			return written, err
		}
		if err := os.WriteFile(filepath.Join(folder, stay.ID+stayExtension), content.Bytes(), fileMode); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

func makeEmptyFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty", folder)
	}
	return os.MkdirAll(folder, folderMode)
}
