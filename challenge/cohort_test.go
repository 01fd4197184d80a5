package challenge_test

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
)

const oneHour = "HR|ICULOS\n80|1\n"

func names(c *challenge.Cohort) string {
	var all []string
	for i := range c.Len() {
		all = append(all, c.Entry(i).Hospital+"/"+c.Entry(i).ID)
	}
	return strings.Join(all, " ")
}

func TestOpenFindsStays(t *testing.T) {
	tree := folder(t, map[string]string{
		"training/training_setB/p2.psv":    oneHour,
		"training/training_setA/p3.psv":    oneHour,
		"training/training_setA/p1.PSV":    oneHour,
		"training/training_setA/._p1.psv":  "not a stay",
		"training/training_setA/README.md": "not a stay",
	})
	packed := archive(t, "elsewhere.zip", map[string]string{
		"p9.psv": oneHour, "deep/er/set/p1.psv": oneHour, "__MACOSX/set/._p1.psv": "not a stay", `back\slash\p5.psv`: oneHour,
	})
	single := filepath.Join(folder(t, map[string]string{"ward/p7.psv": oneHour}), "ward", "p7.psv")
	for want, paths := range map[string][]string{
		"training_setA/p1 training_setA/p3 training_setB/p2": {tree},
		"elsewhere/p9 set/p1 slash/p5":                       {packed},
		"ward/p7":                                            {single},
		"elsewhere/p9 set/p1 slash/p5 training_setA/p1 training_setA/p3 training_setB/p2 ward/p7": {single, tree, packed},
	} {
		cohort := open(t, paths...)
		if got := names(cohort); got != want {
			t.Errorf("%v gives %s, want %s", paths, got, want)
		}
		for i := range cohort.Len() {
			if _, err := cohort.Read(i); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOpenHere(t *testing.T) {
	t.Chdir(filepath.Join(folder(t, map[string]string{"ward/p7.psv": oneHour}), "ward"))
	if got := names(open(t, ".")); got != "ward/p7" {
		t.Errorf("the current folder gives %s", got)
	}
}

func TestOpenFollowsLinkToFolder(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(folder(t, map[string]string{"ward/p7.psv": oneHour}), link); err != nil {
		t.Skipf("skipped: no links here: %v", err)
	}
	if got := names(open(t, link)); got != "ward/p7" {
		t.Errorf("the linked folder gives %s", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	twice := folder(t, map[string]string{"x/ward/p1.psv": oneHour, "y/ward/p1.psv": oneHour})
	stay := folder(t, map[string]string{"ward/p1.psv": oneHour})
	tests := map[string]struct {
		paths []string
		want  string
	}{
		"nothing":            {nil, "no path was given"},
		"absent":             {[]string{filepath.Join(stay, "absent")}, "no such file"},
		"empty folder":       {[]string{t.TempDir()}, "no .psv file in it"},
		"same id":            {[]string{twice}, "the stay p1 of ward is there twice: " + filepath.Join(twice, "x")},
		"same path":          {[]string{stay, stay}, "the stay p1 of ward is there twice"},
		"other file":         {[]string{filepath.Join(folder(t, map[string]string{"a.csv": "x"}), "a.csv")}, "neither a folder"},
		"not an archive":     {[]string{filepath.Join(folder(t, map[string]string{"a.zip": "x"}), "a.zip")}, "not a valid zip file"},
		"way out":            {[]string{archive(t, "a.zip", map[string]string{"../p1.psv": oneHour})}, "a.zip!../p1.psv: the entry's name leads out"},
		"absolute":           {[]string{archive(t, "a.zip", map[string]string{"/etc/p1.psv": oneHour})}, "a.zip!/etc/p1.psv: the entry's name leads out"},
		"same id in archive": {[]string{archive(t, "ward.zip", map[string]string{"p1.psv": oneHour}), stay}, "ward.zip!p1.psv"},
		"too large in archive": {
			[]string{archive(t, "a.zip", map[string]string{"p1.psv": strings.Repeat("\n", challenge.MaxFileBytes+1)})},
			"a.zip!p1.psv: larger than 16 MiB",
		},
		"encrypted": {[]string{pack(t, "a.zip", func(w *zip.Writer) error {
			_, err := w.CreateRaw(&zip.FileHeader{Name: "p1.psv", Flags: 1})
			return err
		})}, "a.zip!p1.psv: the entry is encrypted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cohort, err := challenge.Open(test.paths...)
			if err == nil {
				t.Fatalf("opened: %s", names(cohort))
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("says %q, want %q", err, test.want)
			}
		})
	}
}

func TestReadRefusesLargeFile(t *testing.T) {
	_, err := read(t, strings.Repeat("\n", challenge.MaxFileBytes+1))
	if err == nil || !strings.Contains(err.Error(), "p1.psv: larger than 16 MiB") {
		t.Errorf("says %v", err)
	}
}

// A bomb says that it is small and unpacks to much more.
func TestReadRefusesBomb(t *testing.T) {
	honest, err := zip.OpenReader(archive(t, "a.zip", map[string]string{"p1.psv": strings.Repeat("\n", challenge.MaxFileBytes+1)}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := honest.Close(); err != nil {
			t.Error(err)
		}
	}()
	bomb := pack(t, "bomb.zip", func(w *zip.Writer) error {
		header := honest.File[0].FileHeader
		header.UncompressedSize64 = 10
		header.CRC32 = crc32.ChecksumIEEE([]byte(strings.Repeat("\n", 10)))
		raw, err := honest.File[0].OpenRaw()
		if err != nil {
			return err
		}
		entry, err := w.CreateRaw(&header)
		if err != nil {
			return err
		}
		content := make([]byte, header.CompressedSize64)
		if _, err := raw.Read(content); err != nil {
			return err
		}
		_, err = entry.Write(content)
		return err
	})
	if _, err := open(t, bomb).Read(0); err == nil || !strings.Contains(err.Error(), "bomb.zip!p1.psv: ") {
		t.Errorf("says %v", err)
	}
}

// TestErrorNamesDamagedEntry, once and in one line.
func TestErrorNamesDamagedEntry(t *testing.T) {
	sound, err := zip.OpenReader(archive(t, "a.zip", map[string]string{"set/p1.psv": oneHour}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := sound.Close(); err != nil {
			t.Error(err)
		}
	}()
	cut := pack(t, "cut.zip", func(w *zip.Writer) error {
		header := sound.File[0].FileHeader
		header.CompressedSize64 = 5
		raw, err := sound.File[0].OpenRaw()
		if err != nil {
			return err
		}
		entry, err := w.CreateRaw(&header)
		if err != nil {
			return err
		}
		_, err = io.CopyN(entry, raw, 5)
		return err
	})
	_, err = open(t, cut).Read(0)
	if err == nil || !strings.HasSuffix(err.Error(), "cut.zip!set/p1.psv: cannot be read to its end, and may be damaged: unexpected EOF") || strings.Contains(err.Error(), "\n") {
		t.Errorf("says %v", err)
	}
}

func TestErrorNamesEntryOfArchive(t *testing.T) {
	_, err := open(t, archive(t, "a.zip", map[string]string{"set/p1.psv": "HR|ICULOS\nx|1\n"})).Read(0)
	if err == nil || !strings.HasSuffix(err.Error(), `a.zip!set/p1.psv:2: column HR: "x" is not a number; what was not measured is an empty cell or NaN`) {
		t.Errorf("says %v", err)
	}
}

// many is a cohort of n stays, whose heart rates tell them apart.
func many(n int) map[string]string {
	files := make(map[string]string)
	for i := range n {
		files[fmt.Sprintf("ward/p%03d.psv", i)] = fmt.Sprintf("HR|FiO2|ICULOS|SepsisLabel\n%d|0.0%d|1|%d\n", 50+i, i, i%2)
	}
	return files
}

func TestReadAllIsTheSameForAnyThreads(t *testing.T) {
	cohort := open(t, folder(t, many(60)))
	var first string
	for _, threads := range []int{1, 2, 7, 100, 0, -1} {
		last := 0
		stays, cleaning, err := cohort.ReadAll(t.Context(), threads, func(done, total int) {
			if done != last+1 || total != 60 {
				t.Errorf("progress of %d out of %d comes after %d", done, total, last)
			}
			last = done
		})
		if err != nil || last != 60 {
			t.Fatalf("%d of 60: %v", last, err)
		}
		got := fmt.Sprintf("%v %+v", stays, cleaning)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("%d threads read something else", threads)
		}
	}
}

func TestReadAllGivesTheFirstError(t *testing.T) {
	files := many(60)
	files["ward/p017.psv"], files["ward/p018.psv"], files["ward/p059.psv"] = "x", "y", "z"
	cohort := open(t, folder(t, files))
	for range 20 {
		if _, _, err := cohort.ReadAll(t.Context(), 8, nil); err == nil || !strings.Contains(err.Error(), "p017.psv:1:") {
			t.Fatalf("says %v", err)
		}
	}
}

func TestReadAllStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := open(t, folder(t, many(60))).ReadAll(ctx, 1, func(done, _ int) {
		if done == 5 {
			cancel()
		}
		if done > 5 {
			t.Errorf("stay %d was read after the end", done)
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("says %v", err)
	}
}

func TestDigest(t *testing.T) {
	digest := func(paths ...string) string {
		got, err := open(t, paths...).Digest()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	files := many(5)
	want := digest(folder(t, files))
	if len(want) != 64 {
		t.Errorf("%q is not a SHA-256", want)
	}
	if got := digest(archive(t, "a.zip", files)); got != want {
		t.Error("an archive of the same files has another digest")
	}
	files["ward/p004.psv"] += "51|0.5|2|0\n"
	if digest(folder(t, files)) == want {
		t.Error("a changed file has the same digest")
	}
	files = many(5)
	files["ward/q004.psv"] = files["ward/p004.psv"]
	delete(files, "ward/p004.psv")
	if digest(folder(t, files)) == want {
		t.Error("a renamed stay has the same digest")
	}
}
