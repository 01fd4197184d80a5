package challenge_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/challenge"
)

// mirror is a copy of the data set's address, which can be told to misbehave.
type mirror struct {
	*httptest.Server
	mutex    sync.Mutex
	files    map[string]string
	asked    map[string]int                                         // requests by path
	disturb  func(w http.ResponseWriter, path string, nth int) bool // answers itself if true
	sleeps   []time.Duration
	progress []challenge.FetchProgress
}

func newMirror(t *testing.T, files map[string]string) *mirror {
	t.Helper()
	m := &mirror{files: files, asked: make(map[string]int)}
	m.Server = httptest.NewServer(http.StripPrefix("/challenge-2019/1.0.0/", http.HandlerFunc(m.answer)))
	m.Config.SetKeepAlivesEnabled(false) // on a connection in use, net/http itself asks again
	t.Cleanup(m.Close)
	return m
}

func (m *mirror) answer(w http.ResponseWriter, r *http.Request) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	path := r.URL.Path
	m.asked[path]++
	if m.disturb != nil && m.disturb(w, path, m.asked[path]) {
		return
	}
	content, found := m.files[path]
	if !found {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write([]byte(content))
}

// calm ends the misbehaving.
func (m *mirror) calm() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.disturb = nil
}

// requests are the number of requests for each path so far; an abandoned one may still be on its way.
func (m *mirror) requests() map[string]int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return maps.Clone(m.asked)
}

// fetch fetches everything into the folder, without really waiting.
func (m *mirror) fetch(ctx context.Context, dir string) (challenge.FetchReport, error) {
	return challenge.Fetch(ctx, challenge.FetchOptions{
		BaseURL: m.URL + "/challenge-2019/1.0.0/", Dir: dir, Parallel: 3, HTTP: m.Client(),
		Progress: func(p challenge.FetchProgress) { m.progress = append(m.progress, p) },
		Sleep: func(ctx context.Context, d time.Duration) error {
			m.mutex.Lock()
			defer m.mutex.Unlock()
			m.sleeps = append(m.sleeps, d)
			return ctx.Err()
		},
	})
}

// published are n stays of each set with their listing, which holds other files too.
func published(n int) map[string]string {
	files := map[string]string{"LICENSE.txt": "CC BY 4.0", "training/notes.psv": "not in a set"}
	for i := range n {
		for _, set := range []string{"A", "B"} {
			files[fmt.Sprintf("training/training_set%s/p%06d.psv", set, i+1)] = fmt.Sprintf("HR|ICULOS\n%d|1\n", 50+i)
		}
	}
	return list(files)
}

func list(files map[string]string) map[string]string {
	var listing strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&listing, "%x %s\n", sha256.Sum256([]byte(files[name])), name)
	}
	files["SHA256SUMS.txt"] = listing.String()
	return files
}

// there lists the files below a folder.
func there(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

const firstStay = "training/training_setA/p000001.psv"

func TestFetch(t *testing.T) {
	m := newMirror(t, published(5))
	dir := filepath.Join(t.TempDir(), "new", "folder")
	report, err := m.fetch(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := (challenge.FetchReport{Files: 10, Downloaded: 10, Bytes: 150}); report != want {
		t.Errorf("reports %+v, want %+v", report, want)
	}
	if last := m.progress[len(m.progress)-1]; len(m.progress) != 10 || last != (challenge.FetchProgress{Files: 10, TotalFiles: 10, Bytes: 150}) {
		t.Errorf("%d steps of progress, the last %+v", len(m.progress), last)
	}
	for i := range m.progress {
		if m.progress[i].Files != i+1 {
			t.Errorf("step %d of progress says %d", i+1, m.progress[i].Files)
		}
	}
	cohort := open(t, dir)
	if cohort.Len() != 10 || cohort.Entry(5).Hospital != "training_setB" {
		t.Errorf("%d stays: %s", cohort.Len(), names(cohort))
	}
	if got := len(there(t, dir)); got != 10 {
		t.Errorf("%d files, want the 10 stays and nothing else", got)
	}
}

func TestFetchAgainAsksForNothing(t *testing.T) {
	m := newMirror(t, published(5))
	dir := t.TempDir()
	for range 2 {
		if _, err := m.fetch(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
	}
	for name, times := range m.requests() {
		if times != 1 && name != "SHA256SUMS.txt" {
			t.Errorf("%s was asked for %d times", name, times)
		}
	}
}

func TestFetchReplacesWrongFile(t *testing.T) {
	m := newMirror(t, published(2))
	dir := folder(t, map[string]string{firstStay: "half a fi"})
	report, err := m.fetch(t.Context(), dir)
	if err != nil || report.Downloaded != 4 {
		t.Fatalf("%+v, %v", report, err)
	}
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(firstStay)))
	if err != nil || string(content) != m.files[firstStay] {
		t.Errorf("%q (%v) is there", content, err)
	}
}

func TestFetchInterruptedAndResumed(t *testing.T) {
	m := newMirror(t, published(20))
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	m.disturb = func(http.ResponseWriter, string, int) bool {
		if len(m.asked) == 12 {
			cancel()
		}
		return false
	}
	first, err := m.fetch(ctx, dir)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("says %v", err)
	}
	if first.Downloaded == 0 || first.Downloaded >= 40 {
		t.Fatalf("the interruption came at %d of 40 files", first.Downloaded)
	}
	for _, name := range there(t, dir) {
		if filepath.Ext(name) != ".psv" {
			t.Errorf("%s was left", name)
		}
	}
	m.calm()
	second, err := m.fetch(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if second.AlreadyThere < first.Downloaded || second.AlreadyThere+second.Downloaded != 40 {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

func TestFetchTriesAgain(t *testing.T) {
	tests := map[string]struct {
		disturb func(w http.ResponseWriter)
		waits   string
	}{
		"unavailable": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }, "[1s 2s 4s]"},
		"too many requests": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "[3s 3s 4s]"},
		"a very long wait": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, "[2m0s 2m0s 2m0s]"},
		"connection cut": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, "[1s 2s 4s]"},
		"half the file": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "14")
			_, _ = w.Write([]byte("HR"))
		}, "[1s 2s 4s]"},
		"wrong content": {func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>busy</html>")) }, "[1s 2s 4s]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMirror(t, published(2))
			m.disturb = func(w http.ResponseWriter, path string, nth int) bool {
				if path != firstStay || nth > 3 {
					return false
				}
				test.disturb(w)
				return true
			}
			report, err := m.fetch(t.Context(), t.TempDir())
			if err != nil || report.Downloaded != 4 {
				t.Errorf("%+v, %v", report, err)
			}
			if got := fmt.Sprint(m.sleeps); got != test.waits {
				t.Errorf("waited %s, want %s", got, test.waits)
			}
		})
	}
}

// One file that cannot be had is named, and the others come.
func TestFetchNamesWhatIsMissing(t *testing.T) {
	tests := map[string]struct {
		spoil func(files map[string]string)
		want  string
		times int // the server is asked
	}{
		"not found":  {func(files map[string]string) { delete(files, firstStay) }, `the server answers "404 Not Found" (attempt 1)`, 1},
		"wrong hash": {func(files map[string]string) { files[firstStay] = "HR|ICULOS\n51|1\n" }, "SHA-256 is ", 6},
		"too large":  {func(files map[string]string) { files[firstStay] = strings.Repeat("\n", challenge.MaxFileBytes+1) }, "larger than 16 MiB (attempt 1)", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMirror(t, published(5))
			test.spoil(m.files)
			dir := t.TempDir()
			report, err := m.fetch(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), firstStay) {
				t.Errorf("says %v", err)
			}
			if report.Downloaded != 9 || len(there(t, dir)) != 9 || m.requests()[firstStay] != test.times {
				t.Errorf("%+v, %d files, asked %d times", report, len(there(t, dir)), m.requests()[firstStay])
			}
		})
	}
}

func TestFetchGivesUpOnDeadServer(t *testing.T) {
	m := newMirror(t, published(200))
	m.disturb = func(w http.ResponseWriter, path string, _ int) bool {
		if path == "SHA256SUMS.txt" {
			return false
		}
		w.WriteHeader(http.StatusInternalServerError)
		return true
	}
	_, err := m.fetch(t.Context(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "10 files could not be fetched: ") || errors.Is(err, context.Canceled) {
		t.Errorf("says %v", err)
	}
	if asked := len(m.requests()); asked > 20 {
		t.Errorf("%d files were asked for", asked)
	}
}

func TestFetchRefusesListing(t *testing.T) {
	good := strings.Repeat("0", 64)
	valid := good + " training/training_setA/p1.psv\n" + good + "  training/training_setB/p1.psv\n"
	for name, test := range map[string]struct{ listing, want string }{
		"parent":         {valid + good + " training/../../training_setA/p2.psv\n", `:3: the path "training/../../training_setA/p2.psv" is not a plain relative path`},
		"absolute":       {valid + good + " /training_setA/p2.psv\n", "is not a plain relative path"},
		"drive":          {valid + good + " C:/training_setA/p2.psv\n", "is not a plain relative path"},
		"backslash":      {valid + good + ` ..\training_setA\p2.psv` + "\n", "is not a plain relative path"},
		"control":        {valid + good + " training_setA/p\x1b[2J.psv\n", "is not a plain relative path"},
		"endless":        {valid + good + " training_setA/" + strings.Repeat("p", 300) + ".psv\n", "is not a plain relative path"},
		"no path":        {valid + good + "\n", ":3: "},
		"short hash":     {valid + "00 training_setA/p2.psv\n", `:3: "00 training_setA/p2.psv" is not a SHA-256 and a path`},
		"not a hash":     {valid + strings.Repeat("x", 64) + " training_setA/p2.psv\n", "is not a SHA-256 and a path"},
		"listed twice":   {valid + valid, `:3: the path "training/training_setA/p1.psv" is listed twice`},
		"a page instead": {"<html>\n", ":1: "},
		"a set absent":   {good + " training/training_setA/p1.psv\n", `lists no .psv file in a folder "training_setB"`},
		"empty":          {"", `lists no .psv file in a folder "training_setA"`},
		"too large":      {strings.Repeat("\n", 32<<20+1), "larger than 32 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMirror(t, map[string]string{"SHA256SUMS.txt": test.listing})
			dir := t.TempDir()
			_, err := m.fetch(t.Context(), dir)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("says %v, want %q", err, test.want)
			}
			if len(m.requests()) != 1 || len(there(t, dir)) != 0 {
				t.Error("went on in spite of it")
			}
		})
	}
}

// A link inside the folder does not lead a download out of it.
func TestFetchStaysInFolder(t *testing.T) {
	m := newMirror(t, published(1))
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "training")); err != nil {
		t.Skipf("skipped: no links here: %v", err)
	}
	if _, err := m.fetch(t.Context(), dir); err == nil {
		t.Error("followed the link")
	}
	if got := there(t, outside); len(got) != 0 {
		t.Errorf("wrote %v", got)
	}
}

func TestFetchRefusesOptions(t *testing.T) {
	m := newMirror(t, published(1))
	for want, options := range map[string]challenge.FetchOptions{
		"is not an http or https address": {BaseURL: "file:///etc", Dir: t.TempDir()},
		"no folder to fetch into":         {BaseURL: m.URL},
		"lists no .psv file":              {BaseURL: m.URL + "/challenge-2019/1.0.0", Dir: t.TempDir(), Sets: []string{"training_setC"}},
	} {
		if _, err := challenge.Fetch(t.Context(), options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("says %v, want %q", err, want)
		}
	}
}
