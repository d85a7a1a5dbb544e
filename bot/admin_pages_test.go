package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// TestClinicsPageByPage pages through a list of clinics with names as long as can be: each clinic is there once, in
// order, the pages are the same on the way back, and Telegram takes every one.
func TestClinicsPageByPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	nadia := s.person(t, "Nadia")
	admin, err := s.staff.Find(t.Context(), nadia.ID, "en")
	must(t, err)
	want := []string{"Happy Paws", "عيادة الرفق"}
	for i := range 20 {
		name := fmt.Sprintf("Clinic %02d %s", i, strings.Repeat("ع", 240))
		want = append(want, name)
		_, err := s.staff.CreateClinic(t.Context(), admin, staff.NewClinic{
			Key: db.NewKey(), Country: "EG", Name: name, OwnerName: strings.Repeat("م", 255), OwnerPhone: fmt.Sprintf("+2010011100%02d", i+10),
		})
		must(t, err)
	}
	slices.Sort(want)
	nadia.Send("/clinics")
	s.settle(t)
	page := func() (names []string, buttons []string) {
		last, _ := nadia.Last()
		for _, row := range last.InlineKeyboard {
			for _, b := range row {
				buttons = append(buttons, b.Text)
				if strings.HasPrefix(b.Data, "clinics:card:") {
					names = append(names, strings.TrimSuffix(plain(b.Text), "…"))
				}
			}
		}
		return names, buttons
	}
	walk := func(label string) (pages [][]string) {
		for range 10 {
			names, buttons := page()
			pages = append(pages, names)
			if !slices.Contains(buttons, label) {
				return pages
			}
			must(t, nadia.Tap(label))
			s.settle(t)
		}
		t.Fatalf("%q leads on for ever", label)
		return nil
	}
	forward := walk("Next ›")
	got := slices.Concat(forward...)
	if len(got) != len(want) {
		t.Fatalf("%d clinics are listed, want %d", len(got), len(want))
	}
	for i := range want {
		if !strings.HasPrefix(want[i], got[i]) {
			t.Errorf("%d. is %s, want %s", i+1, got[i], want[i])
		}
	}
	back := walk("‹ Previous")
	slices.Reverse(back)
	if last := len(forward) - 1; len(back) != len(forward) || !slices.EqualFunc(back[:last], forward[:last], slices.Equal) {
		t.Errorf("on the way back the pages are %v, want %v", back, forward)
	}
	if _, buttons := page(); slices.Contains(buttons, "« First") {
		t.Error("the first page leads to itself")
	}
}
