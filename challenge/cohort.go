package challenge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	sepsis "github.com/medtech-detect/sepsis"
)

// MaxFileBytes bounds one file, unpacked: a stay of sepsis.MaxICUHour full rows has about 2 MiB.
const MaxFileBytes = 16 << 20

// Entry names one stay of a cohort.
type Entry struct {
	ID       string // the file's name without folder and extension
	Hospital string // the folder that holds the file; the archive's name where an archive has no folder
	Location string // the file's path, or archive!entry
}

// source is an entry and how to get at its content.
type source struct {
	Entry
	open func() (io.ReadCloser, error)
}

// Cohort is a list of stays in files. Its methods are safe for concurrent use, but for Close.
type Cohort struct {
	sources []source
	closers []io.Closer
}

// Record is one stay as read and cleaned.
type Record struct {
	sepsis.LabelledStay
	Cleaning Cleaning
}

// Open lists the stays in folders (with all folders below), .psv files and .zip archives, sorted by hospital and id.
// Files whose names start with a dot, and files that are not .psv, are passed over. It is an error if a path
// holds no stay, or if two stays of one hospital have the same id.
func Open(paths ...string) (*Cohort, error) {
	cohort := &Cohort{}
	for _, path := range paths {
		if err := cohort.addPath(path); err != nil {
			return nil, errors.Join(err, cohort.Close())
		}
	}
	if err := cohort.sort(); err != nil {
		return nil, errors.Join(err, cohort.Close())
	}
	return cohort, nil
}

func (c *Cohort) sort() error {
	if len(c.sources) == 0 {
		return errors.New("no path was given: name a folder, a .psv file or a .zip archive")
	}
	slices.SortFunc(c.sources, func(a, b source) int {
		return cmp.Or(cmp.Compare(a.Hospital, b.Hospital), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Location, b.Location))
	})
	for i := 1; i < len(c.sources); i++ {
		a, b := c.sources[i-1].Entry, c.sources[i].Entry
		if a.Hospital == b.Hospital && a.ID == b.ID {
			return fmt.Errorf("the stay %s of %s is there twice: %s and %s", a.ID, a.Hospital, a.Location, b.Location)
		}
	}
	return nil
}

// Len is the number of stays.
func (c *Cohort) Len() int { return len(c.sources) }

// Entry names stay i, from 0 to Len-1.
func (c *Cohort) Entry(i int) Entry { return c.sources[i].Entry }

// Close closes the archives.
func (c *Cohort) Close() error {
	var failures []error
	for _, closer := range c.closers {
		failures = append(failures, closer.Close())
	}
	c.closers = nil
	return errors.Join(failures...)
}

// Read reads and cleans stay i, from 0 to Len-1. A malformed file gives a [*FormatError].
func (c *Cohort) Read(i int) (Record, error) { return c.read(i, asRecorded) }

// ReadToPredict reads and cleans stay i as Read does, but where a label is blank the stay is one without labels: predicting needs none.
func (c *Cohort) ReadToPredict(i int) (Record, error) { return c.read(i, toPredict) }

func (c *Cohort) read(i int, why purpose) (Record, error) {
	data, err := c.content(i)
	if err != nil {
		return Record{}, err
	}
	entry := c.sources[i].Entry
	return newRecord(entry, data, why)
}

// ReadStay reads one stay that stands in no file, as [Cohort.ReadToPredict] reads one that does. The entry says what to call it.
func ReadStay(from io.Reader, entry Entry) (Record, error) {
	data, err := whole(from, entry.Location)
	if err != nil {
		return Record{}, err
	}
	return newRecord(entry, data, toPredict)
}

func newRecord(entry Entry, data []byte, why purpose) (Record, error) {
	stay, cleaning, err := parseStay(entry.Location, data, why)
	if err != nil {
		return Record{}, err
	}
	stay.ID, stay.PatientID, stay.Hospital = entry.ID, entry.ID, entry.Hospital
	return Record{stay, cleaning}, nil
}

// content is the whole file, unpacked; never more than MaxFileBytes.
func (c *Cohort) content(i int) (data []byte, err error) {
	location := c.sources[i].Location
	file, err := c.sources[i].open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", location, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return whole(file, location)
}

func whole(from io.Reader, location string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read to its end, and may be damaged: %w", location, err)
	}
	if len(data) > MaxFileBytes {
		return nil, &FormatError{Location: location, Problem: fmt.Sprintf("larger than %d MiB; a file holds one stay", MaxFileBytes>>20)}
	}
	return data, nil
}

// ReadAll reads and cleans all stays with the given number of threads (all processors if under 1). The stays come in the
// order of the entries, and the error, if any, is that of the first entry that has one, whatever the threads.
// Progress, if not nil, is called after each stay, never twice at the same time.
func (c *Cohort) ReadAll(ctx context.Context, threads int, progress func(done, total int)) ([]sepsis.LabelledStay, Cleaning, error) {
	stays := make([]sepsis.LabelledStay, c.Len())
	var total Cleaning
	done := 0
	err := inOrder(ctx, c.Len(), threads, c.Read, func(i int, record Record) {
		stays[i] = record.LabelledStay
		total.Merge(record.Cleaning)
		done++
		if progress != nil {
			progress(done, c.Len())
		}
	})
	if err != nil {
		return nil, Cleaning{}, err
	}
	return stays, total, nil
}

// inOrder calls work for 0 to n-1 on some threads, handing the numbers out in order, and keep with each result,
// one at a time. It stops at an error and gives the one of the lowest number: since every lower number was handed
// out before, and finishes, that does not depend on the threads.
func inOrder[T any](ctx context.Context, n, threads int, work func(int) (T, error), keep func(int, T)) error {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	var mutex sync.Mutex
	next, failedAt, failure := 0, n, error(nil)
	take := func() (int, bool) {
		mutex.Lock()
		defer mutex.Unlock()
		if next >= n || failure != nil || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	put := func(i int, result T, err error) {
		mutex.Lock()
		defer mutex.Unlock()
		if err == nil {
			keep(i, result)
		} else if i < failedAt {
			failedAt, failure = i, err
		}
	}
	var workers sync.WaitGroup
	for range min(threads, n) {
		workers.Go(func() {
			for i, more := take(); more; i, more = take() {
				result, err := work(i)
				put(i, result, err)
			}
		})
	}
	workers.Wait()
	if failure != nil {
		return failure
	}
	return ctx.Err()
}

// Digest is the SHA-256, in hexadecimal, over hospital, id and content of all stays in their order. The same stays
// give the same digest, whether in an archive or in folders.
func (c *Cohort) Digest() (string, error) {
	all := sha256.New()
	for i := range c.sources {
		content, err := c.content(i)
		if err != nil {
			return "", err
		}
		one := sha256.Sum256(content)
		_, _ = fmt.Fprintf(all, "%q/%q %x\n", c.sources[i].Hospital, c.sources[i].ID, one) // a hash takes everything
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}
