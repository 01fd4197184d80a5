package sepsis

import "strings"

// unused are other measurements than the vocabulary's, spelt so much like one of them that a typing error could be suspected: advice to send
// oxygen's pressure as carbon dioxide's, or one transaminase as the other, would do harm.
var unused = map[string]bool{
	"alt": true, "base_deficit": true, "bilirubin_indirect": true, "bilirubin_unconjugated": true, "bnp": true, "hba1c": true, "hemoglobin_a1c": true, "methemoglobin": true,
	"pao2": true, "pct": true, "peep": true, "phosphatase": true, "po2": true, "pvco2": true, "pvo2": true, "rbc": true, "so2": true,
	"scvo2": true, "svo2": true, "troponin": true, "troponin_t": true, "troponint": true, "vco2": true,
}

// UnusedAdvice is what to tell whoever sends one of them.
const UnusedAdvice = "it is none of the measurements that the model uses; leave it out"

// IsUnused tells of a name, in whatever case, that it is spelt like a measurement of the vocabulary and means another one.
func IsUnused(name string) bool { return unused[strings.ToLower(name)] }

// NearestName is the known name that was probably meant by another one, in whatever case; empty when none was. It has the fewest edits, and no more
// than a third of the name's length, and than three: of short names most are near to each other, such as RR and HR.
func NearestName(name string, known []string) (nearest string) {
	name = strings.ToLower(name)
	fewest := min(len(name)/3, 3) + 1
	for _, candidate := range known {
		if difference := len(candidate) - len(name); difference >= fewest || -difference >= fewest {
			continue
		}
		if edits := EditDistance(name, strings.ToLower(candidate)); edits < fewest {
			nearest, fewest = candidate, edits
		}
	}
	return nearest
}

// EditDistance counts the bytes to insert, delete or replace to make one name of the other (Levenshtein 1966).
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
