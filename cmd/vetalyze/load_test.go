package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/load"
)

func TestLoadFillsADatabase(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	arguments := []string{"load", "--database-url", address, "--clinics", "2", "--owners", "10", "--now", "2026-03-10T12:00:00Z"}
	for range 2 { // the second time there is nothing to do
		if code := run(arguments); code != 0 {
			t.Fatalf("load ended with %d", code)
		}
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var owners, pets int
	var latest time.Time
	const ask = "SELECT (SELECT count(*) FROM owners), (SELECT count(*) FROM pets), (SELECT max(registered_at) FROM owners)"
	if err := conn.QueryRow(t.Context(), ask).Scan(&owners, &pets, &latest); err != nil {
		t.Fatal(err)
	}
	if owners != 20 || pets != 30 || latest.After(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%d owners, the last at %v, %d pets; want 20 until yesterday, 30", owners, latest, pets)
	}
	if code := run([]string{"load", "--database-url", address, "--clinics", "2", "--owners", "11"}); code != 1 {
		t.Errorf("another load into the same database ended with %d", code)
	}
}

func TestLoadSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fill fill
		want string
	}{
		{fill{Clinics: 1, Owners: 1}, ""},
		{fill{Clinics: 0, Owners: 1}, "--clinics"},
		{fill{Clinics: load.MaxClinics + 1, Owners: 1}, "--clinics"},
		{fill{Clinics: 1, Owners: -1}, "--owners"},
		{fill{Clinics: 1, Owners: 1, Jobs: -1}, "--jobs"},
	} {
		err := test.fill.Validate()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%+v: %v, want %q", test.fill, err, test.want)
		}
	}
}

func TestBarOffATerminalIsALineForEveryTenth(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	b := &bar{to: &shown}
	for owners := int64(0); owners <= 2000; owners += 50 {
		b.show(load.Progress{Owners: owners, Of: 2000})
	}
	b.show(load.Progress{Owners: 2000, Of: 2000, Tidy: true})
	b.end()
	lines := strings.Split(strings.TrimSuffix(shown.String(), "\n"), "\n")
	if len(lines) != 11 || !strings.HasPrefix(lines[0], " 10 %  200 of 2,000 owners") ||
		!strings.HasPrefix(lines[9], "100 %  2,000 of 2,000 owners") || lines[10] != "Collecting statistics …" {
		t.Errorf("got %q", lines)
	}
}

func TestBarOnATerminalIsOneLine(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	b := &bar{to: &shown, terminal: true}
	b.show(load.Progress{Owners: 2000, Of: 2000})
	b.end()
	if got := shown.String(); !strings.HasPrefix(got, "\r[██████████████████████████████] 100 %") || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q", got)
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 2_250_000: "2,250,000"} {
		if diff := cmp.Diff(want, grouped(n)); diff != "" {
			t.Error(diff)
		}
	}
}
