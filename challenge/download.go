package challenge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// PhysioNetURL is where version 1.0.0 of the data set is published (doi:10.13026/v64v-d857).
const PhysioNetURL = "https://physionet.org/files/challenge-2019/1.0.0/"

// How patient a download is.
const (
	requestTimeout = 2 * time.Minute
	maxAttempts    = 6               // the waits between them add up to half a minute
	firstWait      = time.Second     // doubles with each attempt
	longestWait    = 2 * time.Minute // whatever a server's Retry-After says
)

// downloader gets files below one address, trying again where that may help.
type downloader struct {
	base   *url.URL
	client *http.Client
	sleep  func(context.Context, time.Duration) error
}

func newDownloader(options FetchOptions) (*downloader, error) {
	base, err := url.Parse(cmp.Or(options.BaseURL, PhysioNetURL))
	if err != nil {
		return nil, err
	}
	if base.Scheme != "https" && base.Scheme != "http" || base.Host == "" {
		return nil, fmt.Errorf("%q is not an http or https address", options.BaseURL)
	}
	d := &downloader{base: base, client: options.HTTP, sleep: options.Sleep}
	if d.client == nil {
		d.client = &http.Client{Timeout: requestTimeout}
	}
	if d.sleep == nil {
		d.sleep = sleep
	}
	return d, nil
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// attemptError is why one attempt failed.
type attemptError struct {
	cause     error
	permanent bool          // another attempt would fail alike
	wait      time.Duration // what the server asks for; 0 if nothing
}

func (e *attemptError) Error() string { return e.cause.Error() }
func (e *attemptError) Unwrap() error { return e.cause }

// anyContent accepts what comes.
func anyContent([]byte) error { return nil }

// get downloads one file of at most limit bytes that passes the check.
func (d *downloader) get(ctx context.Context, name string, limit int64, check func([]byte) error) ([]byte, error) {
	address := *d.base
	address.Path = strings.TrimSuffix(address.Path, "/") + "/" + name
	address.RawPath = ""
	wait := firstWait
	for attempt := 1; ; attempt++ {
		content, failure := d.attempt(ctx, address.String(), limit, check)
		if failure == nil {
			return content, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if failure.permanent || attempt == maxAttempts {
			return nil, fmt.Errorf("%s: %w (attempt %d)", address.Redacted(), failure, attempt)
		}
		if err := d.sleep(ctx, max(wait, failure.wait)); err != nil {
			return nil, err
		}
		wait *= 2
	}
}

func (d *downloader) attempt(ctx context.Context, address string, limit int64, check func([]byte) error) ([]byte, *attemptError) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &attemptError{cause: err, permanent: true}
	}
	response, err := d.client.Do(request)
	if err != nil {
		if failure, is := errors.AsType[*url.Error](err); is {
			err = failure.Err // without the address, which the caller names
		}
		return nil, &attemptError{cause: err}
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	err = errors.Join(err, response.Body.Close())
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, statusError(response)
	case err != nil:
		return nil, &attemptError{cause: err}
	case int64(len(content)) > limit:
		return nil, &attemptError{cause: fmt.Errorf("larger than %d MiB", limit>>20), permanent: true}
	}
	if err := check(content); err != nil {
		return nil, &attemptError{cause: err}
	}
	return content, nil
}

func statusError(response *http.Response) *attemptError {
	temporary := response.StatusCode >= 500 ||
		response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusRequestTimeout
	return &attemptError{
		cause:     fmt.Errorf("the server answers %q", response.Status),
		permanent: !temporary,
		wait:      retryAfter(response.Header),
	}
}

// retryAfter is the wait that a server asks for (RFC 9110, 10.2.3): seconds, or a date, which is taken relative to
// the answer's own date, so that the clocks need not agree. 0 if it asks for none; never more than longestWait.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(longestWait/time.Second))) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(until.Sub(now), 0), longestWait)
}
