package keyset

import (
	"fmt"
	"net"
	"net/url"
)

// Authentic is an error unless what comes from an address is known to come from there: over https, or from this machine. Whoever is between could
// give keys of their own, and make any token with them.
func Authentic(address *url.URL) error {
	if address.Scheme == "https" || address.Scheme == "http" && loopback(address.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s is not https: whoever is between could make tokens", address.Redacted())
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
