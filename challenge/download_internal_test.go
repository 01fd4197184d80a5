package challenge

import "testing"

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]string{
		"":                              "0s",
		"7":                             "7s",
		"-7":                            "0s",
		"99999999999":                   "2m0s",
		"soon":                          "0s",
		"Fri, 31 Dec 1999 23:59:59 GMT": "9s",
		"Fri, 31 Dec 1999 23:59:00 GMT": "0s",
		"Thu, 31 Dec 2099 23:59:00 GMT": "2m0s",
	} {
		header := map[string][]string{"Retry-After": {value}, "Date": {"Fri, 31 Dec 1999 23:59:50 GMT"}}
		if got := retryAfter(header).String(); got != want {
			t.Errorf("%q asks for %s, want %s", value, got, want)
		}
	}
	if got := retryAfter(map[string][]string{"Retry-After": {"Fri, 31 Dec 1999 23:59:59 GMT"}}); got != 0 {
		t.Errorf("a date without the server's own asks for %s", got)
	}
}
