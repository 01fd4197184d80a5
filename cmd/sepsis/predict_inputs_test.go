package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// stayHour is a row of a Parquet file.
type stayHour struct {
	Patient string  `parquet:"patient_id"`
	Hour    int32   `parquet:"icu_hour"`
	Age     float64 `parquet:"age"`
	Rate    float64 `parquet:"heart_rate"`
}

func parquetBytes(t *testing.T, rows ...stayHour) string {
	t.Helper()
	var file bytes.Buffer
	if err := parquet.Write(&file, rows); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// mixed are files of all endings, one stay in each, and some that are passed over.
func mixed(t *testing.T) map[string]string {
	t.Helper()
	const table = "patient_id,icu_hour,age,heart_rate\n%s,1,67,90\n"
	return map[string]string{
		"z/last.PSV": "HR|Age|ICULOS\n90|67|1\n", "b/two.csv": fmt.Sprintf(table, "two"), "a.ndjson": `{"patient_id":"one","age":67,"observations":[{"icu_hour":1,"heart_rate":90}]}`,
		"c.parquet": parquetBytes(t, stayHour{"three", 1, 67, 90}), "d.jsonl": `{"patient_id":"four","age":67,"observations":[{"icu_hour":1,"heart_rate":90}]}`,
		".hidden.csv": "nothing", "notes.txt": "nothing", "b/._two.csv": "nothing",
	}
}

func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func archiveOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for name, content := range files {
		entry, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folderOf(t, map[string]string{"stays.zip": packed.String()}), "stays.zip")
}

// TestPredictsFoldersAndArchives of any files that can be read: the Challenge's first, then the others by path. Of the copy that
// Parquet needs nothing is left.
func TestPredictsFoldersAndArchives(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	files := mixed(t)
	for _, path := range []string{folderOf(t, files), archiveOf(t, files)} {
		var names []string
		for _, row := range predictions(t, must(t, "predict", "--data", path, "--out", "-"))[1:] {
			names = append(names, row[0])
		}
		if got := strings.Join(names, " "); got != "last one two three four" {
			t.Errorf("%s: %s", path, got)
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestACopyHasNoName: who may look into the folder of temporary files sees nothing of patients, also after the program was killed.
func TestACopyHasNoName(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	copied, size, err := toFile(strings.NewReader("patients"))
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(seen) != 0 {
		t.Errorf("seen: %v, %v", seen, err)
	}
	content := make([]byte, size)
	if _, err := copied.ReadAt(content, 0); err != nil || string(content) != "patients" {
		t.Errorf("%q, %v", content, err)
	}
	if err := copied.Close(); err != nil {
		t.Error(err)
	}
}

// TestPredictsParquetFromAPipe, which cannot be read from its end.
func TestPredictsParquetFromAPipe(t *testing.T) {
	piped(t, parquetBytes(t, stayHour{"a", 1, 67, 90}, stayHour{"a", 2, 67, 95}))
	if rows := predictions(t, must(t, "predict", "--data", "-", "--from", "parquet", "--out", "-")); len(rows) != 3 || rows[2][1] != "2" {
		t.Errorf("%v", rows)
	}
}

// TestProgressNamesEachInput, also the second one of a run.
func TestProgressNamesEachInput(t *testing.T) {
	const rows = "icu_hour,age,heart_rate\n1,67,90\n2,67,95\n"
	dir := folderOf(t, map[string]string{"a.csv": rows, "b.csv": rows, "c.psv": "HR|Age|ICULOS\n90|67|1\n"})
	said := saidOf(t, func() { must(t, "predict", "--data", dir, "--out", filepath.Join(t.TempDir(), "out.csv")) })
	for _, want := range []string{"predicting, 100 %", "a.csv, 100 %", "b.csv, 100 %"} {
		if !strings.Contains(said, want) {
			t.Errorf("said %q, without %q", said, want)
		}
	}
}

func TestRefusesInputsThatHoldNothing(t *testing.T) {
	dir := folderOf(t, map[string]string{"empty/notes.txt": "x", "stays.csv.gz": "x", "broken.zip": "x"})
	bad := mixed(t)
	bad["b/two.csv"] = "patient_id,icu_hour,heart_rat\n"
	for path, want := range map[string]string{
		filepath.Join(dir, "empty"):                           "no .psv, .csv, .ndjson, .jsonl or .parquet file in it",
		filepath.Join(dir, "stays.csv.gz"):                    "--from",
		filepath.Join(dir, "broken.zip"):                      "broken.zip",
		archiveOf(t, bad):                                     "stays.zip!b/two.csv:1: unknown column",
		archiveOf(t, map[string]string{"../../out.csv": "x"}): "leads out of the archive",
		"-": "say with --from",
	} {
		if _, err := sepsisCommand(t, "predict", "--data", path, "--out", "-"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	given := folderOf(t, mixed(t))
	if _, err := sepsisCommand(t, "predict", "--data", given, "--out", filepath.Join(given, "b", "two.csv")); err == nil || !strings.Contains(err.Error(), "written over") {
		t.Errorf("%v", err)
	}
}

// TestRefusesNamesThatAreNoFolders: nothing is made of a name that means a file which is not written.
func TestRefusesNamesThatAreNoFolders(t *testing.T) {
	stays := folderOf(t, map[string]string{"p.psv": "HR|Age|ICULOS\n90|67|1\n"})
	t.Chdir(folderOf(t, map[string]string{"file": "x"}))
	for _, arguments := range [][]string{
		{"--format", "psv", "--out", "-"},
		{"--out", "x.zip"},
		{"--out", "x.psv"},
		{"--out", "x.txt"},
		{"--out", "x.csv.gz"},
		{"--out", "file"},
		{"--format", "psv", "--out", "x.csv"},
		{"--format", "fhir", "--out", "-"},
		{"--format", "fhir", "--out", "x.csv"},
	} {
		_, err := sepsisCommand(t, append([]string{"predict", "--data", stays}, arguments...)...)
		if err == nil || exitCode(err) != 1 || !strings.Contains(err.Error(), ".parquet for one table") {
			t.Errorf("%v: %v", arguments, err)
		}
	}
	if made, err := os.ReadDir("."); err != nil || len(made) != 1 {
		t.Errorf("made %v, %v", made, err)
	}
	if err := os.Mkdir("x.v1", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"x.v1", "x.v2/", ".x", "x"} {
		must(t, "predict", "--data", stays, "--out", folder)
		if lines(t, filepath.Join(folder, "p.psv")) != 2 {
			t.Errorf("%s is not as it should be", folder)
		}
	}
}

// TestPredictionsSayHowFarToRelyOnThem, each hour as the API does of the patient up to then.
func TestPredictionsSayHowFarToRelyOnThem(t *testing.T) {
	handler, _ := shippedService(t)
	hours := []string{`{"icu_hour":1,"heart_rate":90}`, `{"icu_hour":2,"heart_rate":95,"respiratory_rate":20,"spo2":96,"temperature":37,"systolic_bp":120,"lactate":2}`, `{"icu_hour":20,"lactate":2.5}`}
	patient := func(n int) string {
		return `{"patient_id":"a","age":67,"observations":[` + strings.Join(hours[:n], ",") + `]}`
	}
	path := filepath.Join(folderOf(t, map[string]string{"in.ndjson": patient(len(hours))}), "in.ndjson")
	rows := predictions(t, must(t, "predict", "--data", path, "--out", "-"))
	seen := map[string]bool{}
	for i := range hours {
		var answer struct{ Reliability struct{ Level string } }
		if err := json.Unmarshal(post(handler, "/predict/patient", patient(i+1)).Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if got := rows[i+1][6]; got != answer.Reliability.Level || got == "" {
			t.Errorf("hour %d: %s, in the API %s", i, got, answer.Reliability.Level)
		}
		seen[answer.Reliability.Level] = true
	}
	if last := predictions(t, must(t, "predict", "--data", path, "--out", "-", "--last")); last[1][6] != rows[len(hours)][6] {
		t.Errorf("%v with --last, %v", last, rows)
	}
	if len(seen) < 2 {
		t.Errorf("only %v: nothing is compared", seen)
	}
}

// TestPredictTellsMinors and whose age is not known, in a table and in a folder: the model is made for adults.
func TestPredictTellsMinors(t *testing.T) {
	stays := folderOf(t, map[string]string{"a.psv": "HR|Age|ICULOS\n90|17|1\n", "b.psv": "HR|Age|ICULOS\n90|18|1\n", "c.psv": "HR|ICULOS\n90|1\n"})
	for _, out := range []string{filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "out.csv")} {
		said := saidOf(t, func() { must(t, "predict", "--data", stays, "--out", out) })
		if !strings.Contains(said, "1 stays are of patients under 18 years") || !strings.Contains(said, "1 stays are without age") {
			t.Errorf("said %q", said)
		}
	}
}

// saidOf is what is written to standard error meanwhile.
func saidOf(t *testing.T, do func()) string {
	t.Helper()
	standardError := os.Stderr
	defer func() { os.Stderr = standardError }()
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = said
	do()
	if err := said.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(said.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPredictsWithoutLabels: an export without outcomes has the column, and nothing in it.
func TestPredictsWithoutLabels(t *testing.T) {
	dir := folderOf(t, map[string]string{
		"p/blank.psv": "HR|Age|ICULOS|SepsisLabel\n90|67|1|\n91|67|2|NaN\n", "t.csv": "HR,Age,ICULOS,SepsisLabel\n90,67,1,\n91,67,2,NaN\n",
	})
	want := "2 hours"
	for _, arguments := range [][]string{{"--data", filepath.Join(dir, "p"), "--out", filepath.Join(t.TempDir(), "out")}, {"--data", dir, "--out", "-"}} {
		printed := must(t, append([]string{"predict"}, arguments...)...)
		if arguments[3] != "-" && !strings.Contains(printed, want) || arguments[3] == "-" && strings.Count(printed, "\n") != 5 {
			t.Errorf("%v: %s", arguments, printed)
		}
	}
	if _, err := sepsisCommand(t, "data", "check", filepath.Join(dir, "p")); err == nil {
		t.Error("a blank label is taken for one where labels are wanted")
	}
}

// piped gives a text, less than a pipe holds, to standard input until the test ends.
func piped(t *testing.T, text string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	standardInput := os.Stdin
	t.Cleanup(func() {
		os.Stdin = standardInput
		_ = read.Close()
	})
	os.Stdin = read
	if _, err := write.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPSVIsTheSameFromAFileAndFromStandardInput: what is refused of the one is refused of the other, in the same words.
func TestPSVIsTheSameFromAFileAndFromStandardInput(t *testing.T) {
	const good = "HR|Age|ICULOS\n90|67|1\n91|67|2\n"
	for _, text := range []string{
		good, "\ufeff" + good, strings.ReplaceAll(good, "\n", "\r\n"), strings.TrimSuffix(good, "\n"), "HR|Age|ICULOS|SepsisLabel\n90|67|1|\n",
		good + "\n\n", "HR|Age|ICULOS\n\"90\"|67|1\n", "HR|Age|ICULOS\n", "", "heart_rate|age|icu_hour\n90|67|1\n", "patient_id|HR|Age|ICULOS\na|90|67|1\n", good + "90|67\n",
	} {
		var printed, said [2]string
		var codes [2]int
		file := filepath.Join(folderOf(t, map[string]string{"stdin.psv": text}), "stdin.psv")
		for i, arguments := range [][]string{{"--data", file}, {"--data", "-", "--from", "psv"}} {
			said[i] = saidOf(t, func() {
				piped(t, text)
				rows, err := sepsisCommand(t, append([]string{"predict", "--out", "-"}, arguments...)...)
				codes[i] = exitCode(err)
				printed[i] = fmt.Sprint(predictions(t, rows), err)
			})
			for line := range strings.Lines(strings.ReplaceAll(said[i], file, "stdin")) {
				if strings.HasPrefix(line, "stdin:") {
					printed[i] += line
				}
			}
		}
		if printed[0] != printed[1] || codes[0] != codes[1] {
			t.Errorf("%q: %d %s of the file, %d %s of standard input", text, codes[0], printed[0], codes[1], printed[1])
		}
		if want := strings.Contains(text, good[:len(good)-1]) && !strings.HasSuffix(text, "\n\n"); want && strings.HasPrefix(printed[0], "[]") {
			t.Errorf("%q: %s", text, printed[0])
		}
	}
}

// TestPatientsStandInOneFile: nothing is predicted of one who comes back, in the same table or in another one.
func TestPatientsStandInOneFile(t *testing.T) {
	const header = "patient_id,icu_hour,age,heart_rate\n"
	files := map[string]string{
		"d1.csv": header + "A,1,67,90\nA,2,67,91\n", "d2.csv": header + "A,3,67,92\nB,1,67,90\nD,1,67,90\n", "d3.csv": header + "C,1,67,90\nB,2,67,90\nE,1,67,90\nB,3,67,90\n",
	}
	for _, path := range []string{folderOf(t, files), archiveOf(t, files)} {
		var err error
		var printed string
		said := saidOf(t, func() { printed, err = sepsisCommand(t, "predict", "--data", path, "--out", "-", "--last") })
		var hours []string
		for _, row := range predictions(t, printed)[1:] {
			hours = append(hours, row[0]+row[1])
		}
		if got := strings.Join(hours, " "); got != "D1 C1 E1" || exitCode(err) != 3 || !strings.Contains(fmt.Sprint(err), "2 of 5 stays") {
			t.Errorf("%s: %s, %v", path, got, err)
		}
		for _, want := range []string{"d1.csv:2: column patient_id: the rows of the patient A do not stand together", "d2.csv:3: column patient_id: the rows of the patient B do not stand together"} {
			if strings.Count(said, want) != 1 {
				t.Errorf("%s: said %q, without %q", path, said, want)
			}
		}
	}
}

// TestPatientsComeBackInAPipe, which cannot be looked through beforehand: it is told that what was written is not the last hour.
func TestPatientsComeBackInAPipe(t *testing.T) {
	piped(t, "patient_id,icu_hour,age,heart_rate\nA,1,67,90\nB,1,67,90\nA,2,67,90\n")
	var err error
	var printed string
	said := saidOf(t, func() {
		printed, err = sepsisCommand(t, "predict", "--data", "-", "--from", "csv", "--out", "-", "--last")
	})
	if strings.Count(printed, "\n") != 3 || exitCode(err) != 3 || !strings.Contains(fmt.Sprint(err), "1 of 3 stays") {
		t.Errorf("%q, %v", printed, err)
	}
	for _, want := range []string{"stdin:4: column patient_id: the patient A was there before", "not of the last hour", "1 times a patient came back"} {
		if !strings.Contains(said, want) {
			t.Errorf("said %q, without %q", said, want)
		}
	}
}

// TestTablesWithoutPatients are a stay each, told apart by file and folder as files of the Challenge are.
func TestTablesWithoutPatients(t *testing.T) {
	const rows = "icu_hour,age,heart_rate\n1,67,90\n"
	files := map[string]string{"a/stay.csv": rows, "b/stay.csv": rows, "b/other.csv": rows}
	for _, path := range []string{folderOf(t, files), archiveOf(t, files)} {
		printed := must(t, "predict", "--data", path, "--out", "-")
		var names []string
		for _, row := range strings.Split(strings.TrimSpace(printed), "\n")[1:] {
			names = append(names, strings.Join(strings.Split(row, ",")[:2], " "))
		}
		if got := strings.Join(names, ", "); got != "stay a, other b, stay b" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// TestInputsWithoutStays are told, and the status says so; what else there is is predicted.
func TestInputsWithoutStays(t *testing.T) {
	const header = "patient_id,icu_hour,age,heart_rate\n"
	for name, files := range map[string]map[string]string{
		"rows.csv": {"rows.csv": header}, "empty.ndjson": {"empty.ndjson": ""}, "blank.jsonl": {"blank.jsonl": "\n \n"}, "rows.parquet": {"rows.parquet": parquetBytes(t)}, "stay.psv": {"stay.psv": "HR|ICULOS\n"},
	} {
		for others := range 2 {
			want := 1
			if others == 1 {
				files["z.csv"] = header + "a,1,67,90\n"
				want = 2
			}
			dir, out := folderOf(t, files), filepath.Join(t.TempDir(), "out.csv")
			var err error
			said := saidOf(t, func() { _, err = sepsisCommand(t, "predict", "--data", dir, "--out", out) })
			if exitCode(err) != 3 || lines(t, out) != want || !strings.Contains(said, filepath.Join(dir, name)+":") {
				t.Errorf("%s: %v, said %q", name, err, said)
			}
		}
	}
	twice := folderOf(t, map[string]string{"a.csv": header + "P,1,67,90\n", "b.csv": header + "P,2,67,90\n"})
	if _, err := sepsisCommand(t, "predict", "--data", twice, "--out", "-"); exitCode(err) != 3 || err.Error() != "predict: 1 of 1 stays could not be predicted" {
		t.Errorf("a table of patients who were refused before: %v", err)
	}
	for _, from := range []string{"csv", "ndjson"} {
		piped(t, map[string]string{"csv": header}[from])
		if _, err := sepsisCommand(t, "predict", "--data", "-", "--from", from, "--out", "-"); exitCode(err) != 3 || !strings.Contains(err.Error(), "no stay was in 1 of the inputs") {
			t.Errorf("%s: %v", from, err)
		}
	}
}

// TestNamesWhatWasNotUsed, with the unit that the values look like: of a table, of files, and where a file is written for each stay.
func TestNamesWhatWasNotUsed(t *testing.T) {
	table := folderOf(t, map[string]string{"t.csv": "patient_id,icu_hour,age,temperature,lactate,systolic_bp,diastolic_bp\na,1,67,98.6,2,70,80\na,2,67,99.1,900,,\nb,1,67,101,2,120,80\n"})
	stays := folderOf(t, map[string]string{
		"a.psv": "Age|Temp|Lactate|SBP|DBP|ICULOS\n67|98.6|2|70|80|1\n67|99.1|900|||2\n", "b.psv": "Age|Temp|Lactate|SBP|DBP|ICULOS\n67|101|2|120|80|1\n",
	})
	want := "6 implausible values were taken as not measured:\n" +
		"  temperature (Temp): 3 out_of_range, 3 of them look like °F; °C is expected\n" +
		"  systolic_bp (SBP): 1 diastolic_above_systolic\n  diastolic_bp (DBP): 1 diastolic_above_systolic\n" +
		"  lactate (Lactate): 1 out_of_range\n"
	for _, arguments := range [][]string{{table, filepath.Join(t.TempDir(), "out.csv")}, {stays, filepath.Join(t.TempDir(), "out.csv")}, {stays, filepath.Join(t.TempDir(), "out")}} {
		if said := saidOf(t, func() { must(t, "predict", "--data", arguments[0], "--out", arguments[1]) }); !strings.Contains(said, want) {
			t.Errorf("%v: said %q, want %q", arguments, said, want)
		}
	}
	fine := folderOf(t, map[string]string{"t.csv": "icu_hour,age,temperature\n1,67,37\n"})
	if said := saidOf(t, func() { must(t, "predict", "--data", fine, "--out", "-") }); strings.Contains(said, "implausible") {
		t.Errorf("said %q", said)
	}
}

// TestHintsGiveWhatCleaningGives: a caller who leaves out what the hints of a refusal name gets the probability of the recorded stay, of which
// the same values are taken out.
func TestHintsGiveWhatCleaningGives(t *testing.T) {
	sent := map[string]any{
		"age": 67, "icu_hour": 1, "heart_rate": 90, "systolic_bp": 80, "diastolic_bp": 101, "mean_arterial_pressure": 130, "ph": 7.4, "paco2": 40, "bicarbonate": 60,
		"hematocrit": 60, "hemoglobin": 7, "bilirubin_direct": 5, "bilirubin_total": 2, "lactate": 3,
	}
	columns := slices.Sorted(maps.Keys(sent))
	var row []string
	for _, column := range columns {
		row = append(row, fmt.Sprint(sent[column]))
	}
	recorded := folderOf(t, map[string]string{"t.csv": strings.Join(columns, ",") + "\n" + strings.Join(row, ",") + "\n"})
	want := predictions(t, must(t, "predict", "--data", recorded, "--out", "-"))[1][2]

	patient := func() string {
		line, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		return folderOf(t, map[string]string{"p.ndjson": string(line) + "\n"})
	}
	said := saidOf(t, func() {
		if _, err := sepsisCommand(t, "predict", "--data", patient(), "--out", "-"); exitCode(err) != 3 {
			t.Errorf("%v", err)
		}
	})
	advised := regexp.MustCompile(`leave out (\w+(?: and \w+)*)`).FindAllStringSubmatch(said, -1)
	for _, advice := range advised {
		for name := range strings.SplitSeq(advice[1], " and ") {
			delete(sent, name)
		}
	}
	if got := predictions(t, must(t, "predict", "--data", patient(), "--out", "-"))[1][2]; got != want || len(sent) != 4 {
		t.Errorf("%s with what the hints left, %v; %s of the recorded stay; said %s", got, sent, want, said)
	}
}

// TestTellsValuesInAnotherUnit, which are possible in the expected one, so that they are used: of a table, of patients in JSON, and where a file
// is written for each stay. Whatever the threads, and not of what is usual.
func TestTellsValuesInAnotherUnit(t *testing.T) {
	table := folderOf(t, map[string]string{"t.csv": "patient_id,icu_hour,age,glucose,magnesium,calcium\na,1,67,5.5,2,2.3\na,2,67,140,2,9\nb,1,67,6.1,0.8,\n"})
	stays := folderOf(t, map[string]string{
		"a.psv": "Age|Glucose|Magnesium|Calcium|ICULOS\n67|5.5|2|2.3|1\n67|140|2|9|2\n", "b.psv": "Age|Glucose|Magnesium|ICULOS\n67|6.1|0.8|1\n",
	})
	lines := folderOf(t, map[string]string{"t.ndjson": `{"age":67,"observations":[{"icu_hour":1,"glucose":5.5,"magnesium":2,"calcium":2.3},{"icu_hour":2,"glucose":140,"magnesium":2,"calcium":9}]}` +
		"\n" + `{"age":67,"icu_hour":1,"glucose":6.1,"magnesium":0.8}`})
	const want = "  calcium (Calcium): 1 of 2 look like mmol/L; mg/dL is expected\n  glucose (Glucose): 2 of 3 look like mmol/L; mg/dL is expected\n" +
		"  magnesium (Magnesium): 1 of 3 look like mmol/L; mg/dL is expected\n"
	for _, arguments := range [][]string{{table, "out.csv"}, {stays, "out.csv"}, {lines, "out.csv"}, {stays, "out"}} {
		out := filepath.Join(t.TempDir(), arguments[1])
		if said := saidOf(t, func() { must(t, "predict", "--data", arguments[0], "--out", out) }); !strings.Contains(said, want) || !strings.Contains(said, "used as they are") {
			t.Errorf("%v: said %q, want %q", arguments, said, want)
		}
	}
	usual := folderOf(t, map[string]string{"t.csv": "icu_hour,age,glucose,magnesium,calcium,bun\n1,67,140,2,9,6\n"})
	if said := saidOf(t, func() { must(t, "predict", "--data", usual, "--out", "-") }); strings.Contains(said, "unit") {
		t.Errorf("said %q", said)
	}
}

// TestTellsFilesThatAreNotRead, since an export may be in two forms.
func TestTellsFilesThatAreNotRead(t *testing.T) {
	const row = "icu_hour,age,heart_rate\n1,67,90\n"
	folder := folderOf(t, map[string]string{"a.csv": row, "b.csv.gz": "packed", "sub/c.txt": row, ".hidden": ""})
	said := saidOf(t, func() { must(t, "predict", "--data", folder, "--out", "-") })
	if want := folder + ": 2 files were passed over, whose names do not end with .psv, .csv, .ndjson, .jsonl or .parquet, such as b.csv.gz\n"; !strings.Contains(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
	if said := saidOf(t, func() { must(t, "predict", "--data", folderOf(t, map[string]string{"a.csv": row}), "--out", "-") }); strings.Contains(said, "passed over") {
		t.Errorf("said %q", said)
	}
}

// TestFolderWithWrongStays tells the first ones and what was done with the others.
func TestFolderWithWrongStays(t *testing.T) {
	files := map[string]string{"z.psv": "Age|Glucose|ICULOS\n67|5.5|1\n"}
	for i := range 25 {
		files[fmt.Sprintf("p%02d.psv", i)] = "HR|ICULOS\nfast|1\n"
	}
	stays, out := folderOf(t, files), filepath.Join(t.TempDir(), "out")
	var printed string
	var err error
	said := saidOf(t, func() { printed, err = sepsisCommand(t, "predict", "--data", stays, "--out", out, "--threads", "3") })
	if want := "predict: 25 of 26 stays could not be predicted; the others were; the first 20 are named above"; err == nil || err.Error() != want || exitCode(err) != 3 {
		t.Errorf("%v (%d), want %s (3)", err, exitCode(err), want)
	}
	if strings.Count(said, "is not a number") != 20 || strings.Index(said, "p00.psv:2") > strings.Index(said, "p19.psv:2") || !strings.Contains(said, "glucose (Glucose): 1 of 1 look like mmol/L") {
		t.Errorf("said %q", said)
	}
	if !strings.Contains(printed, "1 stays, 1 hours") || lines(t, filepath.Join(out, "z.psv")) != 2 {
		t.Errorf("printed %q", printed)
	}
}

// TestFolderThatCannotBeWritten ends the run: a disk that is full is so for each of thousands of stays.
func TestFolderThatCannotBeWritten(t *testing.T) {
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("p%02d.psv", i)] = "HR|ICULOS\n90|1\n"
	}
	out := folderOf(t, map[string]string{"p03.psv/in the way": "", "p60.psv/in the way": ""})
	_, err := sepsisCommand(t, "predict", "--data", folderOf(t, files), "--out", out, "--threads", "1")
	if err == nil || !strings.Contains(err.Error(), "p03.psv") || strings.Contains(err.Error(), "p60.psv") || exitCode(err) != 1 {
		t.Errorf("%v", err)
	}
	if written, err := filepath.Glob(filepath.Join(out, "p*.psv")); err != nil || len(written) > 50 {
		t.Errorf("%d files, %v", len(written), err)
	}
}

// TestInterrupted says what ended the command, and not how the program heeds it.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	if err := afterRun(ctx, context.Canceled); err == nil || strings.Contains(err.Error(), "interrupted") {
		t.Errorf("before a signal: %v", err)
	}
	stop()
	if err := afterRun(ctx, fmt.Errorf("train: %w", ctx.Err())); err == nil || !strings.HasPrefix(err.Error(), "interrupted: train") {
		t.Errorf("after a signal: %v", err)
	}
	if other := errors.New("disk full"); afterRun(ctx, other) != other || afterRun(ctx, nil) != nil { //nolint:errorlint // the very error
		t.Error("another error is taken for the signal")
	}
}

// TestNothingIsWrittenOfATableThatCannotBeRead to its end, not even to standard output: it is looked through first.
func TestNothingIsWrittenOfATableThatCannotBeRead(t *testing.T) {
	folder := folderOf(t, map[string]string{"t.csv": "patient_id,icu_hour,age,heart_rate\na,1,67,90\nb,1,67,90\n\"c,1,67,90\n"})
	printed, err := sepsisCommand(t, "predict", "--data", folder, "--out", "-")
	if printed != "" || err == nil || !strings.Contains(err.Error(), "t.csv:4: a quotation mark") || exitCode(err) != 1 {
		t.Errorf("printed %q, %v", printed, err)
	}
	out := filepath.Join(t.TempDir(), "none", "out.csv")
	if _, err := sepsisCommand(t, "predict", "--data", folder, "--out", out); err == nil || err.Error() != "predict: --out "+out+" cannot be written: no such file or directory" {
		t.Errorf("%v", err)
	}
}
