package staff_test

import (
	"strings"
	"testing"
)

func TestAdminsNamesAreKept(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.must(p.EnsureAdmins(t.Context(), personID))
	for _, test := range []struct{ told, want string }{
		{"Nadia Fouad", "Nadia Fouad"},
		{"  نادية \n فؤاد\u200f ", "نادية فؤاد"},
		{"\u202eevil\u2066", "evil"},
		{"\u200b \u2060", "evil"}, // nothing that can be seen: the former stays
		{"😀 Nadia", "😀 Nadia"},
		{strings.Repeat("ن", 200), strings.Repeat("ن", 64)},
		{"a\x00b\xff", "ab"},
	} {
		p.must(p.NoteName(t.Context(), p.find(personID), test.told))
		if got := p.find(personID).AdminName; got != test.want {
			t.Errorf("told %q, kept %q, want %q", test.told, got, test.want)
		}
	}
}

func TestNobodyElsesNameIsKept(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.clinic(ownerID)
	for _, id := range []int64{ownerID, personID} {
		p.must(p.NoteName(t.Context(), p.find(id), "Somebody"))
		if got := p.find(id).AdminName; got != "" {
			t.Errorf("%d is called %q", id, got)
		}
	}
}
