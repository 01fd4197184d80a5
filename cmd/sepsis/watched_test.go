package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// TestMetricsTellWhatEndsSoon: the certificate, and the room on the disk.
func TestMetricsTellWhatEndsSoon(t *testing.T) {
	cert, key, trusting := selfSigned(t)
	s := serving(t, "--data-dir", t.TempDir(), "--tls-cert", cert, "--tls-key", key)
	response, err := tlsClient(t, trusting).Get("https://" + s.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", response.StatusCode, err)
	}
	value := gauges(t, string(text))
	until := time.Unix(int64(value["sepsis_tls_certificate_expiry_timestamp_seconds"]), 0)
	if left := time.Until(until); left < 50*time.Minute || left > time.Hour {
		t.Errorf("the certificate of an hour ends in %v", left)
	}
	if free, size := value["sepsis_disk_free_bytes"], value["sepsis_disk_size_bytes"]; free <= 0 || free > size {
		t.Errorf("%v bytes free of %v", free, size)
	}
	s.terminate(t)
}

func gauges(t *testing.T, text string) map[string]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for name, family := range families {
		if metric := family.GetMetric()[0]; metric.GetGauge() != nil {
			values[name] = metric.GetGauge().GetValue()
		}
	}
	return values
}
