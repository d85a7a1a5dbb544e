package registry_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vetalyze/internal/registry"
)

func TestParseWeight(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int{
		"4.5": 4500, "4,5 kg": 4500, "٤٫٥": 4500, "٤٫٥ كجم": 4500, "850 g": 850, "850g.": 850, "12 كيلو": 12000,
		" 0.25 KG ": 250, "٣٠٠ جرام": 300, "2000": 2_000_000, "0.001": 1,
	} {
		if got, err := registry.ParseWeight(typed); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", typed, got, err, want)
		}
	}
	for typed, want := range map[string]registry.Reason{
		"": registry.ReasonEmpty, "\u200b": registry.ReasonEmpty, "heavy": registry.ReasonNotUnderstood,
		"4.5 stone": registry.ReasonNotUnderstood, "-4": registry.ReasonNotUnderstood, "0": registry.ReasonTooLight,
		"0.4 g": registry.ReasonTooLight, "2000.001": registry.ReasonTooHeavy, "999999999": registry.ReasonTooHeavy,
		"4.5.1": registry.ReasonNotUnderstood, "1e3": registry.ReasonNotUnderstood, "\xff": registry.ReasonUnreadable,
	} {
		if _, err := registry.ParseWeight(typed); !errors.Is(err, registry.Invalid{Field: registry.FieldWeight, Reason: want}) {
			t.Errorf("%q: got %v, want %s", typed, err, want)
		}
	}
}

func TestParseMicrochip(t *testing.T) {
	t.Parallel()
	const want = "900123456789012"
	for _, typed := range []string{want, "900 1234 5678 9012", "900-123-456-789-012", "٩٠٠١٢٣٤٥٦٧٨٩٠١٢", " 900.123456789012\n"} {
		if got, err := registry.ParseMicrochip(typed); err != nil || got != want {
			t.Errorf("%q: got %q, %v", typed, got, err)
		}
	}
	for typed, want := range map[string]registry.Reason{
		"": registry.ReasonEmpty, " - ": registry.ReasonEmpty, "90012345678901": registry.ReasonTooShort,
		"9001234567890123": registry.ReasonTooLong, "AVID*012*345*678": registry.ReasonNotNumber, "\xff": registry.ReasonUnreadable,
	} {
		if _, err := registry.ParseMicrochip(typed); !errors.Is(err, registry.Invalid{Field: registry.FieldMicrochip, Reason: want}) {
			t.Errorf("%q: got %v, want %s", typed, err, want)
		}
	}
}

func TestParseDay(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]time.Time{
		"today": today, "yesterday": today.AddDate(0, 0, -1), "امبارح": today.AddDate(0, 0, -1), "1/3/2026": date(2026, 3, 1),
		"1 March 2026": date(2026, 3, 1), "2026-03-01": date(2026, 3, 1),
	} {
		if got, err := registry.ParseDay(typed, today); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v", typed, got, err)
		}
	}
	for typed, want := range map[string]registry.Reason{
		"": registry.ReasonEmpty, "3/2026": registry.ReasonNotUnderstood, "2025": registry.ReasonNotUnderstood,
		"2 years": registry.ReasonNotUnderstood, "5": registry.ReasonNotUnderstood, "1 March": registry.ReasonNoYear,
		"31/2/2025": registry.ReasonImpossible, "1/1/2099": registry.ReasonFuture, "1/1/1800": registry.ReasonTooLongAgo,
		"\xff": registry.ReasonUnreadable,
	} {
		if _, err := registry.ParseDay(typed, today); !errors.Is(err, registry.Invalid{Field: registry.FieldDay, Reason: want}) {
			t.Errorf("%q: got %v, want %s", typed, err, want)
		}
	}
}

func TestParseNoteKeepsItsLines(t *testing.T) {
	t.Parallel()
	if got, err := registry.ParseNote(" two\n\n lines \u202e"); err != nil || got != "two\nlines" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := registry.ParseBreed("two\nlines"); err != nil || got != "two lines" {
		t.Errorf("got %q, %v", got, err)
	}
	for want, parse := range map[registry.Invalid]func(string) (string, error){
		{Field: registry.FieldNote, Reason: registry.ReasonTooLong}:   registry.ParseNote,
		{Field: registry.FieldAlert, Reason: registry.ReasonTooLong}:  registry.ParseAlert,
		{Field: registry.FieldBreed, Reason: registry.ReasonTooLong}:  registry.ParseBreed,
		{Field: registry.FieldColour, Reason: registry.ReasonTooLong}: registry.ParseColour,
	} {
		if _, err := parse(strings.Repeat("ن", 2001)); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// TestWhatIsParsedIsParsedTheSame holds what is kept to what may be typed: it reads as itself.
func TestWhatIsParsedIsParsedTheSame(t *testing.T) {
	t.Parallel()
	parsers := map[string]func(string) (string, error){
		"note": registry.ParseNote, "alert": registry.ParseAlert, "breed": registry.ParseBreed, "chip": registry.ParseMicrochip,
	}
	rapid.Check(t, func(r *rapid.T) {
		typed := rapid.String().Draw(r, "typed")
		for name, parse := range parsers {
			kept, err := parse(typed)
			if err != nil {
				continue
			}
			if again, err := parse(kept); err != nil || again != kept {
				r.Fatalf("%s %q is kept as %q and reads as %q, %v", name, typed, kept, again, err)
			}
		}
	})
}
