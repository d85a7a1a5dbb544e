package overview_test

import (
	"testing"

	"pgregory.net/rapid"

	"vetalyze/bot/chat"
	"vetalyze/bot/overview"
	"vetalyze/internal/reminder"
)

func TestPlacesTravelInButtons(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		want := reminder.Place{
			Section: rapid.SampledFrom(reminder.Sections()).Draw(r, "section"), Key: int(rapid.Int32().Draw(r, "key")),
			ClinicID: rapid.Int64Min(1).Draw(r, "clinic"),
		}
		data := overview.Data(want)
		if got := overview.Place(data); got != want {
			r.Fatalf("%s reads as %+v, was %+v", data, got, want)
		}
		if card := chat.Data("clinics", "card", "1y2p0ij32e8e7", overview.From, data); len(card) > 64 {
			r.Fatalf("%s is too long for a button", card)
		}
	})
}

func TestForgedPlaces(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "0", "6", "-1", "x", "1.zzzzzzzzzz.1", "2.1.-5", "2..", "99999999999999999999.1.1", "2:1:1"} {
		place := overview.Place(data)
		if place.Section < 0 || place.Section > reminder.SectionUnreachable || place.ClinicID < 0 {
			t.Errorf("%q reads as %+v", data, place)
		}
	}
}
