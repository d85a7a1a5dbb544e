package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestDemo starts the demo as a stranger would, looks at its phones, and ends it
// with Ctrl+C.
func TestDemo(t *testing.T) {
	t.Parallel()
	command := exec.Command(os.Args[0], "demo")
	command.Env = append(os.Environ(), asVetalyze+"=1", "LISTEN="+freeAddress(t), "VETALYZE_NOW=2026-03-01T10:00:00+02:00")
	command.Stderr = t.Output()
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })

	lines := bufio.NewScanner(said)
	if !lines.Scan() {
		t.Fatal("the demo ended without a word")
	}
	address := regexp.MustCompile(`http://[\d.:]+`).FindString(lines.Text())
	var phones []struct{ ID int64 }
	read(t, address+"/sim/phones", &phones)
	if len(phones) != len(demoCast) {
		t.Errorf("%d phones are on the page, want %d", len(phones), len(demoCast))
	}
	var chat struct{ Messages []struct{ From, Text string } }
	read(t, address+"/sim/phones/5001/chat", &chat)
	if last := chat.Messages[len(chat.Messages)-1]; last.From != "bot" || !strings.Contains(last.Text, nilePets) {
		t.Errorf("the receptionist's phone shows %+v, want the bot's greeting", last)
	}

	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("the demo ended with %v", err)
	}
}

func read(t *testing.T, address string, into any) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("%s: %s: %v", address, response.Status, err)
	}
}
