package fhir

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/medtech-detect/sepsis"
)

// maxLine bounds one resource of a bulk export, in bytes.
const maxLine = 16 << 20

// Bulk is a FHIR Bulk Data export: a folder of NDJSON files, with a resource in each line. Only where each patient's
// resources stand is kept in memory; they are read when they are asked for. Its methods are safe for concurrent use, but
// for Close.
type Bulk struct {
	files    []bulkFile
	patients []string          // keys, in the order in which the Patients stand
	known    map[string]bool   // the same
	spans    map[string][]span // by patient
	shared   []span            // Locations, which are of nobody
	Skipped  []Ignored         // lines that could be given to no patient
	Damaged  int               // of these, lines that are no JSON: they may have held anybody's values
}

type bulkFile struct {
	name string
	file readerAt
}

// readerAt is a file that can be read at a place.
type readerAt interface {
	fs.File
	io.ReaderAt
}

// span is where a resource stands.
type span struct {
	file, line int
	offset     int64
	length     int
}

// OpenBulk finds the resources in all .ndjson files of a folder and those below.
func OpenBulk(folder fs.FS) (*Bulk, error) {
	b := &Bulk{spans: map[string][]span{}, known: map[string]bool{}}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".ndjson" {
			return err
		}
		return b.open(folder, name)
	})
	if err == nil && len(b.files) == 0 {
		err = errors.New("no .ndjson file is there: name the folder of a FHIR bulk export")
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.skipStrangers()
	return b, nil
}

// skipStrangers notes the resources of patients who were not exported.
func (b *Bulk) skipStrangers() {
	for _, key := range slices.Sorted(maps.Keys(b.spans)) {
		if b.known[key] {
			continue
		}
		for _, place := range b.spans[key] {
			b.Skipped = append(b.Skipped, Ignored{Path: b.name(place), Reason: NoSubject, Message: "its Patient was not exported"})
		}
		delete(b.spans, key)
	}
}

func (b *Bulk) open(folder fs.FS, name string) error {
	file, err := folder.Open(name)
	if err != nil {
		return err
	}
	at, seekable := file.(readerAt)
	if !seekable {
		return errors.Join(fmt.Errorf("%s cannot be read at a place", name), file.Close())
	}
	b.files = append(b.files, bulkFile{name, at})
	return b.index(len(b.files)-1, at)
}

// index notes where the resources of a file stand.
func (b *Bulk) index(file int, content io.Reader) error {
	lines := bufio.NewReaderSize(content, 1<<20)
	place := span{file: file}
	var text []byte
	for {
		var err error
		text, err = readLine(lines, text[:0])
		place.line++
		place.length = len(text)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", b.name(place), err)
		}
		b.note(place, text)
		place.offset += int64(len(text))
		if err != nil {
			return nil
		}
	}
}

// errLongLine is what is wrong with a line of more than maxLine bytes.
var errLongLine = fmt.Errorf("longer than %d MiB; a line holds one resource", maxLine>>20)

// readLine appends a line with its end; io.EOF comes with the last one. Of a line that is too long no more than maxLine bytes and a buffer
// are held: a file may be anything, also one line without an end.
func readLine(from *bufio.Reader, into []byte) ([]byte, error) {
	for {
		part, err := from.ReadSlice('\n')
		into = append(into, part...)
		switch {
		case len(into) > maxLine:
			return into, errLongLine
		case !errors.Is(err, bufio.ErrBufferFull):
			return into, err
		}
	}
}

func (b *Bulk) name(place span) string {
	return fmt.Sprintf("%s line %d", b.files[place.file].name, place.line)
}

// head is what tells whose a resource is.
type head struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id"`
	Subject      Reference `json:"subject"`
}

// note gives a resource to its patient.
func (b *Bulk) note(place span, text []byte) {
	kind := kindOf(text)
	switch kind {
	case "Location":
		b.shared = append(b.shared, place)
		return
	case "Patient", "Encounter", "Observation":
	case "":
		if len(bytes.TrimSpace(text)) > 0 {
			b.skip(place, text, Ignored{Reason: NotRead, Message: "it is no resource: it has no resourceType"})
		}
		return
	default:
		b.Skipped = append(b.Skipped, Ignored{Path: b.name(place), Reason: NotRead, Message: sepsis.Clip(kind) + " is not read"})
		return
	}
	var read head
	if err := json.Unmarshal(text, &read); err != nil {
		b.skip(place, text, Ignored{Reason: Reason(sepsis.WrongType), Message: notOfFHIR})
		return
	}
	key := read.Subject.key()
	if kind == "Patient" {
		key = "Patient/" + read.ID
		if !b.known[key] {
			b.known[key], b.patients = true, append(b.patients, key)
		}
	}
	if key == "" {
		b.Skipped = append(b.Skipped, Ignored{Path: b.name(place), Reason: NoSubject, Message: infoOf(NoSubject).When})
		return
	}
	b.spans[key] = append(b.spans[key], place)
}

// skip notes that a line cannot be used: as what is said of it if it is JSON, else for what is wrong with its grammar.
func (b *Bulk) skip(place span, text []byte, said Ignored) {
	said.Path = b.name(place)
	if problem := grammarProblem(text, said.Path); problem != nil {
		said.Path, said.Reason, said.Message = problem.Location, Reason(problem.Code), problem.Message
		b.Damaged++
	}
	b.Skipped = append(b.Skipped, said)
}

// Len is the number of patients.
func (b *Bulk) Len() int { return len(b.patients) }

// Patient is the reference of a patient.
func (b *Bulk) Patient(i int) string { return b.patients[i] }

// Stays reads the stays of a patient, leniently: one for each Encounter that can be one, and one when there is none.
func (b *Bulk) Stays(i int) ([]*Reading, error) {
	input := &Input{}
	for _, place := range slices.Concat(b.shared, b.spans[b.patients[i]]) {
		text := make([]byte, place.length)
		if _, err := b.files[place.file].file.ReadAt(text, place.offset); err != nil {
			return nil, fmt.Errorf("%s: %w", b.name(place), err)
		}
		input.Add(text, b.name(place))
	}
	reading := Read(input, Options{Lenient: true})
	if len(reading.candidates) < 2 {
		return []*Reading{reading}, nil
	}
	var stays []*Reading
	for _, id := range reading.candidates {
		stays = append(stays, Read(input, Options{Lenient: true, Encounter: id}))
	}
	return stays, nil
}

// Close closes the files.
func (b *Bulk) Close() error {
	var errs []error
	for _, file := range b.files {
		errs = append(errs, file.file.Close())
	}
	return errors.Join(errs...)
}
