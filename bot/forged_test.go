package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vetalyze/internal/simulator"
)

// TestForgedTaps has a hostile client tap on what was never on its screen: ids
// of the other clinic, other people's dialogs, routes of other roles, nonsense.
// Nothing of the other clinic shows, and nothing is done there.
func TestForgedTaps(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	sara, salma := s.person(t, "Sara"), s.person(t, "سلمى")
	sara.Send("/register Zebulon Secretkeeper, 0109 876 5432; Whiskerfang dog 2y")
	s.settle(t)
	must(t, sara.Tap("✅ Save"))
	sara.Send("/register Zebulon Otherman, 0122 555 0199; Whiskerpaw cat")
	s.settle(t)
	var buttons []string
	for _, message := range sara.Chat() {
		for _, row := range message.InlineKeyboard {
			for _, b := range row {
				buttons = append(buttons, b.Data)
			}
		}
	}
	staffBefore := s.count(t, "SELECT count(*) FROM staff WHERE stopped_at IS NULL")

	forged := rapid.OneOf(
		rapid.SampledFrom(buttons),
		rapid.Custom(func(t *rapid.T) string {
			route := rapid.SampledFrom([]string{
				"owner", "addpet", "staff:stop_sure", "staff:link", "staff:show", "staff:reactivate", "ownerslink", "clinic", "newclinic", "form",
			}).Draw(t, "route")
			return fmt.Sprintf("%s:%d", route, rapid.Int64Range(-1, 60).Draw(t, "id"))
		}),
		rapid.StringMatching(`[a-z:0-9-]{1,40}`),
	)
	rapid.Check(t, func(r *rapid.T) {
		salma.Send("/menu")
		s.settle(t)
		last, _ := salma.Last()
		if err := salma.TapData(last.ID, forged.Draw(r, "data")); err != nil {
			r.Skip(err)
		}
		s.settle(t)
		for _, message := range salma.Chat() {
			for _, secret := range []string{"Zebulon", "Whisker", "876 5432", "98765432"} {
				if strings.Contains(message.Text, secret) {
					r.Fatalf("the other clinic's data shows: %s", message.Text)
				}
			}
		}
	})
	if owners := s.count(t, "SELECT count(*) FROM owners"); owners != 1 {
		t.Errorf("%d owners are registered, want the one Sara saved", owners)
	}
	if staff := s.count(t, "SELECT count(*) FROM staff WHERE stopped_at IS NULL"); staff != staffBefore {
		t.Errorf("%d people work at the clinics, want %d as before", staff, staffBefore)
	}
}

// TestAnythingGoes throws random texts, taps and files at the bot from both
// clinics. Telegram must never refuse what the bot answers, and the bot must
// never apologise.
func TestAnythingGoes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	people := []*simulator.Person{s.person(t, "Sara"), s.person(t, "سلمى"), s.person(t, "Mona"), s.person(t, "Nadia"), s.person(t, "Omar")}
	texts := rapid.OneOf(
		rapid.SampledFrom([]string{
			"/start", "/menu", "/help", "/cancel", "/language", "/register", "/staff", "/newclinic", "/nothing",
			"Ahmed Ali", "0100 123 4567", "Rex dog 2y", "Mimi", "dog", "2y", "أحمد علي", "كلب", "Egypt",
			"/register Ahmed <b>Ali, 0100 123 4567; Rex dog 2y; Mi&mi cat",
		}),
		rapid.String(),
		rapid.Custom(func(t *rapid.T) string { return "/register " + rapid.StringN(0, 4000, 4000).Draw(t, "line") }),
		rapid.Custom(func(t *rapid.T) string {
			pets := rapid.SliceOfN(rapid.StringMatching(`[A-Za-z]{50,100} dog [1-9]y`), 15, 25).Draw(t, "pets")
			return "/register Ahmed Ali, 0100 123 4567\n" + strings.Join(pets, "\n")
		}),
		rapid.StringN(3000, 4000, 4096),
	)
	before := len(s.sim.Calls())
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			person := rapid.SampledFrom(people).Draw(r, "person")
			switch rapid.IntRange(0, 5).Draw(r, "what") {
			case 0:
				person.SendSticker("🐶")
			case 1:
				person.ShareContact()
			case 2, 3:
				tapAnything(r, person)
			default:
				person.Send(texts.Draw(r, "text"))
			}
			s.settle(t)
		}
		for _, call := range s.sim.Calls()[min(before, len(s.sim.Calls())):] {
			if call.Status >= 400 && !strings.Contains(call.Description, "message is not modified") {
				r.Fatalf("Telegram refused %s: %s", call.Method, call.Description)
			}
		}
		for _, person := range people {
			if last, _ := person.Last(); strings.Contains(last.Text, "something went wrong") || strings.Contains(last.Text, "⟦") {
				r.Fatalf("the bot was at a loss: %s", last.Text)
			}
		}
	})
}

// tapAnything taps a button that is on the person's screen, if there is any.
func tapAnything(r *rapid.T, person *simulator.Person) {
	type button struct {
		message int
		data    string
	}
	var buttons []button
	for _, message := range person.Chat() {
		for _, row := range message.InlineKeyboard {
			for _, b := range row {
				if b.Data != "" {
					buttons = append(buttons, button{message.ID, b.Data})
				}
			}
		}
	}
	if len(buttons) == 0 {
		return
	}
	chosen := rapid.SampledFrom(buttons).Draw(r, "button")
	if err := person.TapData(chosen.message, chosen.data); err != nil {
		r.Fatal(err)
	}
}
