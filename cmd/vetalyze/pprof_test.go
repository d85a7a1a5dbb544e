package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// TestProfiles are served where they were asked for, and not beside /metrics.
func TestProfiles(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	group, ctx := errgroup.WithContext(ctx)
	h := &house{logger: slog.New(slog.DiscardHandler)}
	at := inspection{PprofListen: freeAddress(t)}
	if err := at.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := h.profile(ctx, group, at); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/debug/pprof/":                  "goroutine",
		"/debug/pprof/heap?debug=1":      "heap profile",
		"/debug/pprof/goroutine?debug=1": "goroutine profile",
		"/debug/pprof/cmdline":           "vetalyze",
	} {
		response, err := http.Get("http://" + at.PprofListen + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s, %v; it lacks %q", path, response.Status, err, want)
		}
	}
	if err := h.profile(ctx, group, at); err == nil || !strings.Contains(err.Error(), "PPROF_LISTEN: cannot listen on") {
		t.Errorf("of a taken port it says %v", err)
	}
	stop()
	if err := group.Wait(); err != nil {
		t.Error(err)
	}

	if err := h.profile(t.Context(), nil, inspection{}); err != nil { // starts nothing
		t.Error(err)
	}
	beside := httptest.NewRecorder()
	(&house{}).operations().ServeHTTP(beside, httptest.NewRequest(http.MethodGet, "/debug/pprof/", nil))
	if beside.Code != http.StatusNotFound {
		t.Errorf("the port of /metrics answers %d to /debug/pprof/", beside.Code)
	}
}
