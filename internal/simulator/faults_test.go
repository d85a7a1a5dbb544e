package simulator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vetalyze/internal/simulator"
)

// attempt sends a text as a bot would and says what came of it.
func attempt(ctx context.Context, client *http.Client, address string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/sendMessage?chat_id=11&text=x", nil)
	if err != nil {
		return 0, "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	return response.StatusCode, string(all), err
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		kind      simulator.FaultKind
		status    int    // 0: no answer
		body      string // part of it
		performed bool
		hangs     bool
	}{
		{"too many", simulator.TooMany{RetryAfter: 5}, 429, "Too Many Requests: retry after 5", false, false},
		{"server", simulator.ServerError{}, 502, "<h1>Bad Gateway</h1>", false, false},
		{"refuse", simulator.Refuse{Code: 403, Description: "Forbidden: user is deactivated"}, 403, "deactivated", false, false},
		{"drop", simulator.Drop{}, 0, "", false, false},
		{"drop after", simulator.DropAfter{}, 0, "", true, false},
		{"timeout", simulator.Timeout{}, 0, "", false, true},
		{"timeout after", simulator.TimeoutAfter{}, 0, "", true, true},
	}
	for _, way := range []string{"in process", "over HTTP"} {
		for _, test := range tests {
			t.Run(way+", "+test.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				client, address := w.Client(), "http://telegram/bot"+w.Token()
				if way == "over HTTP" {
					server := httptest.NewServer(w.Handler())
					t.Cleanup(server.Close)
					client, address = server.Client(), server.URL+"/bot"+w.Token()
				}
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if test.hangs {
					ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				}
				defer cancel()
				w.Fail(simulator.Fault{Method: "sendMessage", Kind: test.kind})
				status, body, err := attempt(ctx, client, address)
				if status != test.status || !strings.Contains(body, test.body) || (err == nil) != (test.status != 0) {
					t.Errorf("got %d %q %v", status, body, err)
				}
				if _, performed := w.amina.Last(); performed != test.performed {
					t.Errorf("performed %v, want %v", performed, test.performed)
				}
				if status, _, err := attempt(t.Context(), client, address); status != 200 {
					t.Errorf("the call after the fault: %d %v", status, err)
				}
			})
		}
	}
}

func TestFaultsFitMethodAndChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.omar.Start("")
	lift := w.Fail(simulator.Fault{Chat: 12, Kind: simulator.ServerError{Status: 500}, Times: -1})
	w.send("to Amina", nil)
	for range 3 {
		if status, _, _ := attempt(t.Context(), w.Client(), "http://telegram/bot"+w.Token()); status != 200 {
			t.Errorf("status %d for another chat", status)
		}
	}
	response, err := w.Client().Get("http://telegram/bot" + w.Token() + "/sendMessage?chat_id=12&text=x")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != 500 {
		t.Errorf("status %d, want 500", response.StatusCode)
	}
	lift()
	w.ok("sendMessage", args{"chat_id": "12", "text": "x"})
	if w.Faults() != 0 {
		t.Errorf("%d faults left", w.Faults())
	}
}

func TestHoldGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	until := make(chan struct{})
	w.Fail(simulator.Fault{Method: "sendMessage", Kind: simulator.Hold{Until: until}})
	ended := make(chan int, 1)
	go func() {
		status, _, _ := attempt(t.Context(), w.Client(), "http://telegram/bot"+w.Token())
		ended <- status
	}()
	for w.Faults() > 0 {
		_, _, _, changed := w.Events(0)
		if w.Faults() > 0 {
			<-changed
		}
	}
	if _, sent := w.amina.Last(); sent {
		t.Error("sent while held")
	}
	close(until)
	if status := <-ended; status != 200 {
		t.Errorf("status %d", status)
	}
}

func TestCallsAreLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call("SENDMESSAGE", args{"chat_id": "11", "text": "x", "parsemode": "HTML"})
	w.call("sendMessage", args{"chat_id": "99", "text": "x"})
	calls := w.CallsOf("sendMessage")
	if len(calls) != 2 || calls[0].Method != "sendMessage" || calls[0].Chat != 11 || calls[0].Status != 200 ||
		len(calls[0].Unknown) != 1 || calls[1].Description != "Bad Request: chat not found" {
		t.Errorf("got %+v", calls)
	}
}
