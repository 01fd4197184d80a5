package challenge

// published are the stays of each training set that the Challenge has made public: Reyna et al. 2020,
// doi:10.1097/CCM.0000000000004145, and as many files at doi:10.13026/v64v-d857, version 1.0.0.
var published = map[string]int{"training_setA": 20336, "training_setB": 20000}

// Published tells how many stays the Challenge has made public of these hospitals together; none unless each is one of its
// training sets.
func Published(hospitals ...string) (stays int, known bool) {
	for _, hospital := range hospitals {
		if published[hospital] == 0 {
			return 0, false
		}
		stays += published[hospital]
	}
	return stays, len(hospitals) > 0
}
