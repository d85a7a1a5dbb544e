package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"vetalyze/internal/simulator"
)

// TestAccessInChat puts a clinic into every standing and has its people ask for
// everything by command and by forged button: what the standing leaves open is
// answered, what it closes is refused with the words for it, and nothing is done.
func TestAccessInChat(t *testing.T) {
	t.Parallel()
	const works, reads, none = 2, 1, 0
	for _, c := range []struct {
		standing string
		how      []string // what Nadia does; a number is days that pass
		access   int
		words    string
	}{
		{"active", nil, works, ""},
		{"grace", []string{"366"}, works, ""},
		{"ended", []string{"380"}, reads, "subscription has ended"},
		{"suspended", []string{"is suspended"}, reads, "subscription is suspended"},
		{"scheduled", []string{"is refunded", "buys a month for later"}, reads, "subscription has not begun yet"},
		{"deactivated", []string{"is refunded", "is closed"}, none, "is closed on Vetalyze"},
	} {
		t.Run(c.standing, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			for _, how := range c.how {
				var days int
				if n, _ := fmt.Sscan(how, &days); n == 1 {
					s.pass(days)
					continue
				}
				s.stand(t, "Happy Paws", how)
			}
			before := s.count(t, "SELECT count(*) FROM owners") + s.count(t, "SELECT count(*) FROM staff WHERE stopped_at IS NULL")
			for _, asked := range []struct {
				needs            int
				owners           bool // is the clinic owner's alone
				command, forging string
			}{
				{works, false, "/register", "register"},
				{works, false, "/register Ahmed Ali, 0100 123 4567; Rex dog 2y", "addpet:1"},
				{works, true, "/staff", "staff:invite"},
				{works, true, "/staff", "staff:stop_sure:2"},
				{reads, false, "/subscription", "subscription"},
				{reads, false, "/owner", "owner:1"},
				{reads, true, "/bills", "bills:0"},
				{reads, true, "/renew", "renew"},
				{reads, true, "/report", "report:picture"},
				{none, false, "/menu", "menu"},
				{none, false, "/help", "help"},
				{none, false, "/language", "language"},
			} {
				if c.access < asked.needs || asked.needs == none {
					for _, who := range []string{"Mona", "Sara"} {
						words := c.words
						switch {
						case asked.needs == none:
							words = ""
						case asked.owners && who == "Sara":
							words = "Your role here does not include this"
						}
						s.ask(t, s.person(t, who), asked.command, asked.forging, words)
					}
				}
			}
			after := s.count(t, "SELECT count(*) FROM owners") + s.count(t, "SELECT count(*) FROM staff WHERE stopped_at IS NULL")
			if after != before {
				t.Errorf("%d owners and staff before, %d after", before, after)
			}
		})
	}
}

// ask has a person ask for something by command, and by a button that is not on
// the screen; both are refused with the words, or answered without any refusal.
func (s *stage) ask(t *testing.T, person *simulator.Person, command, forged, words string) {
	t.Helper()
	person.Send(command)
	s.settle(t)
	last, _ := person.Last()
	s.holds(t, person, command, last.Text, words)
	toasts := len(person.Toasts())
	if err := person.TapData(last.ID, forged); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	said := ""
	for _, toast := range person.Toasts()[toasts:] {
		said += toast.Text
	}
	s.holds(t, person, "the button "+forged, said, words)
}

func (s *stage) holds(t *testing.T, person *simulator.Person, asked, said, words string) {
	t.Helper()
	if words != "" && !strings.Contains(said, words) {
		t.Errorf("%s asked for %s and was told %q, want %q", person.FirstName, asked, said, words)
	}
	if words == "" && strings.Contains(said, "does not include") {
		t.Errorf("%s asked for %s and was refused: %q", person.FirstName, asked, said)
	}
}

// TestRefusalsFitAnAlert holds what a tap is answered with to the 200 characters
// that Telegram shows.
func TestRefusalsFitAnAlert(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "ar"} {
		texts := readLocale(t, language)
		kept := texts["access.kept"]["other"]
		for key, forms := range texts {
			standing, isAccess := strings.CutPrefix(key, "access.")
			if !isAccess || !strings.Contains(standing, ".") || strings.HasPrefix(standing, "grace.") {
				continue
			}
			for _, text := range forms {
				if length := utf8.RuneCountInString(text + " " + kept); length > 200 {
					t.Errorf("%s in %s: %d characters with what follows", key, language, length)
				}
				if strings.ContainsAny(text, "<>{&") {
					t.Errorf("%s in %s has markup, which an alert shows as it is", key, language)
				}
			}
		}
	}
}
