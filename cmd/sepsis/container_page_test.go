package main

import (
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// settingsOfAContainer are those of the operator's guide.
func settingsOfAContainer(t *testing.T) map[string]string {
	t.Helper()
	block := regexp.MustCompile("(?m)^```text\n((?:SEPSIS_.*\n)+)```$").FindStringSubmatch(page(t, "operator-guide.md"))
	if block == nil {
		t.Fatal("the operator's guide has no settings of a container")
	}
	settings := map[string]string{}
	for line := range strings.Lines(block[1]) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		settings[name] = value
	}
	return settings
}

// TestTheContainerOfTheGuideIsHealthy: with the guide's settings the health check of the image asks where the service listens, and trusts
// its certificate. Paths, port and name are those of the test.
func TestTheContainerOfTheGuideIsHealthy(t *testing.T) {
	settings := settingsOfAContainer(t)
	_, port, err := net.SplitHostPort(settings["SEPSIS_LISTEN"])
	if err != nil {
		t.Fatal(err)
	}
	asked, err := url.Parse(settings["SEPSIS_URL"])
	if err != nil || asked.Port() != port {
		t.Errorf("the service listens on %s, and the health check asks %s (%v)", port, asked, err)
	}
	if publish := "--publish " + port + ":" + port + " "; !strings.Contains(page(t, "operator-guide.md"), publish) {
		t.Errorf("the guide's docker run has no %s", publish)
	}
	cert, key, _ := selfSigned(t)
	here := strings.NewReplacer("/etc/sepsis/tls/tls.crt", cert, "/etc/sepsis/tls/tls.key", key, "0.0.0.0:"+port, "127.0.0.1:0", "sepsis.hospital.example", "localhost")
	var environment []string
	for name, value := range settings {
		environment = append(environment, name+"="+here.Replace(value))
	}
	service := program(t, "serve", "--data-dir", t.TempDir())
	service.Env = append(service.Env, environment...)
	s := launched(t, service)
	health := program(t, "health")
	health.Env = append(append(health.Env, environment...), "SEPSIS_URL="+asked.Scheme+"://"+s.address)
	if told, err := health.CombinedOutput(); err != nil || string(told) != "OK\n" {
		t.Errorf("%s%v", told, err)
	}
	s.terminate(t)
}
