package access

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestFilesThatHang keep nobody: one waits for a second, which the log tells, and each hour again; all others get the old content at once, until
// the files can be read, which the log tells, too.
func TestFilesThatHang(t *testing.T) {
	patient := patienceOfLooks
	patienceOfLooks = lookPatience
	t.Cleanup(func() { patienceOfLooks = patient })
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "tls.crt")
		write := func(content string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("old")
		share := make(chan struct{}, 1) // each reading takes from it
		share <- struct{}{}
		var lines bytes.Buffer
		r := &reloaded[string]{
			paths: []string{path}, clock: time.Now, logger: slog.New(slog.NewTextHandler(&lines, nil)),
			read: func() (string, error) {
				<-share
				content, err := os.ReadFile(path) //nolint:gosec // of the test
				return string(content), err
			},
			told: func(content string) slog.Attr { return slog.String("content", content) },
		}
		if err := r.open(); err != nil {
			t.Fatal(err)
		}
		gives := func(want string, within time.Duration) {
			t.Helper()
			begun := time.Now()
			if got := r.get(); got != want || time.Since(begun) > within {
				t.Errorf("%q after %v, want %q\n%s", got, time.Since(begun), want, &lines)
			}
		}
		write("renewed")
		time.Sleep(lookEvery)
		gives("old", lookPatience)
		for i := range 5 {
			write(strings.Repeat("renewed ", i+2))
			time.Sleep(lookEvery)
			gives("old", 0)
		}
		if said := lines.String(); strings.Count(said, "level=ERROR") != 1 || !strings.Contains(said, path) {
			t.Errorf("log %s", said)
		}
		for hours := range 3 {
			time.Sleep(tellEvery)
			gives("old", 0)
			gives("old", 0)
			if said := lines.String(); strings.Count(said, "level=ERROR") != hours+2 || strings.Contains(said, "again") {
				t.Errorf("after hours log %s", said)
			}
		}
		close(share)
		synctest.Wait()
		gives(strings.Repeat("renewed ", 6), 0)
		time.Sleep(tellEvery)
		gives(strings.Repeat("renewed ", 6), 0)
		if said := lines.String(); strings.Count(said, "level=ERROR") != 4 || strings.Count(said, "can be looked at again") != 1 {
			t.Errorf("log %s", said)
		}
	})
}
