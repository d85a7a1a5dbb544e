package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			http.Error(w, `{"postgresql":"down"}`, http.StatusServiceUnavailable)
		}
	}))
	address := strings.TrimPrefix(server.URL, "http://")
	port := address[strings.LastIndex(address, ":"):]
	for _, listen := range []string{address, "0.0.0.0" + port, port} {
		if err := (&health{listener: listener{Listen: listen}}).Run(t.Context()); err != nil {
			t.Errorf("LISTEN=%s: %v", listen, err)
		}
	}
	err := (&health{listener: listener{Listen: address}, Ready: true}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), `503`) || !strings.Contains(err.Error(), "postgresql") {
		t.Errorf("not ready: %v", err)
	}
	server.Close()
	if err := (&health{listener: listener{Listen: address}}).Run(t.Context()); err == nil {
		t.Error("nobody listens, and all is well")
	}
}
