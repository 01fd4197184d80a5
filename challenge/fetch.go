package challenge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"time"
)

// Limits of a fetch.
const (
	defaultParallel = 8
	maxFailures     = 10      // files that cannot be had before the fetch gives up
	partial         = ".part" // ends the name of a file that is being written
	folderMode      = fs.FileMode(0o750)
	fileMode        = fs.FileMode(0o640)
)

// FetchOptions say what to fetch, from where, to where.
type FetchOptions struct {
	BaseURL  string                                     // the folder that holds SHA256SUMS.txt; PhysioNetURL if empty
	Dir      string                                     // receives the files under their published paths
	Sets     []string                                   // folders of stays; training_setA and training_setB if empty
	Parallel int                                        // downloads at a time; 8 if under 1
	HTTP     *http.Client                               // a client with a timeout of 2 minutes if nil
	Progress func(FetchProgress)                        // called after each file, never twice at the same time; may be nil
	Sleep    func(context.Context, time.Duration) error // waits before another attempt; real time if nil
}

// FetchProgress tells how far a fetch has come.
type FetchProgress struct {
	Files      int // done: downloaded or already there
	TotalFiles int
	Bytes      int64 // downloaded so far
}

// FetchReport tells what a fetch did; after an error, what it did up to then.
type FetchReport struct {
	Files        int   // listed for the sets
	Downloaded   int   // downloaded now, with the right SHA-256
	AlreadyThere int   // there before, with the right SHA-256
	Bytes        int64 // downloaded now
}

// Fetch downloads the stays of the Challenge, verifies each by its published SHA-256, and passes over those that are
// there already, so that an interrupted fetch goes on where it was. A file appears under its name only when it is
// complete and right; one of the same name with other content is replaced. Server errors (5xx), "too many requests"
// (429), wrong content and failures of the network are tried again with growing waits. A file that cannot be had
// does not keep the others from coming, up to 10 such files; each is named in the error.
func Fetch(ctx context.Context, options FetchOptions) (report FetchReport, err error) {
	web, err := newDownloader(options)
	if err != nil {
		return FetchReport{}, err
	}
	if options.Dir == "" {
		return FetchReport{}, errors.New("no folder to fetch into was given")
	}
	listing, err := web.get(ctx, listingName, maxListingBytes, anyContent)
	if err != nil {
		return FetchReport{}, err
	}
	if len(options.Sets) == 0 {
		options.Sets = []string{"training_setA", "training_setB"}
	}
	files, err := parseListing(listing, options.Sets)
	if err != nil {
		return FetchReport{}, err
	}
	if err := os.MkdirAll(options.Dir, folderMode); err != nil {
		return FetchReport{}, err
	}
	folder, err := os.OpenRoot(options.Dir)
	if err != nil {
		return FetchReport{}, err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	f := &fetch{web: web, folder: folder, progress: options.Progress, report: FetchReport{Files: len(files)}}
	err = f.run(ctx, files, cmp.Or(max(options.Parallel, 0), defaultParallel))
	return f.report, err
}

// fetch is one run of Fetch.
type fetch struct {
	web      *downloader
	folder   *os.Root // keeps what is written below it, whatever a path or link says
	progress func(FetchProgress)
	report   FetchReport
	failures []string
}

// outcome is what became of one file.
type outcome struct {
	bytes      int64
	downloaded bool
	failure    error // why the file cannot be had
}

func (f *fetch) run(ctx context.Context, files []listed, parallel int) error {
	limited, giveUp := context.WithCancel(ctx)
	defer giveUp()
	err := inOrder(limited, len(files), parallel,
		func(i int) (outcome, error) { return f.obtain(limited, files[i]) },
		func(_ int, result outcome) {
			f.count(result)
			if len(f.failures) >= maxFailures {
				giveUp()
			}
		})
	if len(f.failures) == 0 {
		return err
	}
	slices.Sort(f.failures)
	failure := fmt.Errorf("%d files could not be fetched: %s", len(f.failures), someOf(f.failures))
	if ctx.Err() == nil && errors.Is(err, context.Canceled) { // given up by this very function
		err = nil
	}
	return errors.Join(failure, err)
}

func (f *fetch) count(result outcome) {
	switch {
	case result.failure != nil:
		f.failures = append(f.failures, result.failure.Error())
		return
	case result.downloaded:
		f.report.Downloaded++
		f.report.Bytes += result.bytes
	default:
		f.report.AlreadyThere++
	}
	if f.progress != nil {
		f.progress(FetchProgress{f.report.Downloaded + f.report.AlreadyThere, f.report.Files, f.report.Bytes})
	}
}

// obtain sees to it that one file is there. Its error ends the fetch; the outcome's failure does not.
func (f *fetch) obtain(ctx context.Context, file listed) (outcome, error) {
	there, err := f.isThere(file)
	if err != nil || there {
		return outcome{}, err
	}
	content, err := f.web.get(ctx, file.path, MaxFileBytes, func(content []byte) error {
		if sum := sha256.Sum256(content); sum != file.sha256 {
			return fmt.Errorf("SHA-256 is %x, but %x is published", sum, file.sha256)
		}
		return nil
	})
	if ctx.Err() != nil {
		return outcome{}, ctx.Err()
	}
	if err != nil {
		return outcome{failure: err}, nil
	}
	return outcome{bytes: int64(len(content)), downloaded: true}, f.store(file.path, content)
}

// isThere tells whether the file is there with the right content.
func (f *fetch) isThere(file listed) (there bool, err error) {
	open, err := f.folder.Open(file.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, open.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, open); err != nil {
		return false, err
	}
	return [32]byte(sum.Sum(nil)) == file.sha256, nil
}

// store writes the file under another name first, so that no half file ever has the right name.
func (f *fetch) store(name string, content []byte) error {
	if err := f.folder.MkdirAll(path.Dir(name), folderMode); err != nil {
		return err
	}
	if err := f.folder.WriteFile(name+partial, content, fileMode); err != nil {
		return errors.Join(err, f.folder.Remove(name+partial))
	}
	return f.folder.Rename(name+partial, name)
}
