package staff_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"vetalyze/internal/staff"
)

func TestTheFirstAdmin(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	token, expires, err := p.AdminLink(t.Context())
	p.must(err)
	if want := p.clock.Now().Add(72 * time.Hour); !expires.Equal(want) || len(token) != 22 {
		t.Errorf("token of %d letters until %v, want 22 until %v", len(token), expires, want)
	}
	invite, err := p.LookupInvite(t.Context(), personID, token)
	if err != nil || !invite.Admin {
		t.Fatalf("got %+v, %v", invite, err)
	}
	if _, err := p.Join(t.Context(), staff.Joining{Token: token, TelegramID: personID, Language: "en"}); err == nil {
		t.Error("joined a clinic by an admin's token")
	}
	p.must(p.JoinAsAdmin(t.Context(), personID, token))
	p.must(p.JoinAsAdmin(t.Context(), personID, token)) // the same update, seen again
	if !p.find(personID).Admin {
		t.Error("is no admin")
	}
	if err := p.JoinAsAdmin(t.Context(), anotherID, token); !errors.Is(err, staff.ErrTokenUsed) || p.find(anotherID).Admin {
		t.Errorf("the second to come: %v", err)
	}
	team, err := p.Admins(t.Context())
	if err != nil || len(team) != 2 {
		t.Errorf("the team is %+v, %v", team, err)
	}
}

func TestJoining(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	token, phone := p.invite(owner)

	invite, err := p.LookupInvite(t.Context(), personID, token)
	p.must(err)
	if invite.Admin || invite.Role != staff.RoleReceptionist || invite.ClinicName != owner.ClinicName || invite.Name != "Mona Adel" {
		t.Errorf("the token opens %+v", invite)
	}
	joining := staff.Joining{Token: token, TelegramID: personID, Language: "ar", Phone: "+201999999999"}
	if _, err := p.Join(t.Context(), joining); !errors.Is(err, staff.ErrWrongPhone) {
		t.Fatalf("with another phone: %v", err)
	}
	if p.find(personID).Known() {
		t.Fatal("joined with another phone")
	}
	joining.Phone = phone[1:] // as Telegram has it, without the plus
	for range 2 {             // the second is the same update, seen again
		speaker, err := p.Join(t.Context(), joining)
		p.must(err)
		if speaker.Member == nil || speaker.Member.ClinicID != owner.ClinicID || speaker.Member.Role != staff.RoleReceptionist {
			t.Fatalf("joined as %+v", speaker.Member)
		}
	}
	if err := p.JoinAsAdmin(t.Context(), personID, token); err == nil && p.find(personID).Admin {
		t.Error("became an admin by a clinic's token")
	}
	joining.TelegramID = anotherID
	if _, err := p.Join(t.Context(), joining); !errors.Is(err, staff.ErrTokenUsed) {
		t.Errorf("somebody else with the used token: %v", err)
	}
}

func TestTokensThatOpenNothing(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	lookUp := func(token string) error {
		_, err := p.LookupInvite(t.Context(), personID, token)
		return err
	}
	token, _ := p.invite(owner)
	invited := p.colleagues(owner)[1].ID
	p.clock.Advance(staff.LinkLife - 1)
	if err := lookUp(token); err != nil {
		t.Errorf("at the last moment: %v", err)
	}
	p.clock.Advance(1)
	if err := lookUp(token); !errors.Is(err, staff.ErrTokenExpired) {
		t.Errorf("expired: %v", err)
	}

	former, err := p.NewLink(t.Context(), owner, invited)
	p.must(err)
	current, err := p.NewLink(t.Context(), owner, invited)
	p.must(err)
	if err := lookUp(former); !errors.Is(err, staff.ErrTokenRevoked) {
		t.Errorf("the former of two: %v", err)
	}
	if err := lookUp(current); err != nil {
		t.Errorf("the newer of two: %v", err)
	}

	p.do(`UPDATE clinics SET deactivated_at = now()`)
	if err := lookUp(current); !errors.Is(err, staff.ErrClinicClosed) {
		t.Errorf("of a deactivated clinic: %v", err)
	}
	p.must(p.Stop(t.Context(), owner, invited))
	if err := lookUp(current); !errors.Is(err, staff.ErrTokenRevoked) {
		t.Errorf("of a stopped member: %v", err)
	}
}

func TestInventedTokensAreLimited(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	good, _ := p.invite(p.clinic(ownerID))
	lookUp := func(telegramID int64, token string) error {
		_, err := p.LookupInvite(t.Context(), telegramID, token)
		return err
	}
	for i, token := range []string{"", "x", "AAAAAAAAAAAAAAAAAAAAAA", "'; DROP TABLE staff; --", good + "A"} {
		if err := lookUp(personID, token); !errors.Is(err, staff.ErrTokenUnknown) {
			t.Errorf("invented token %d: %v", i, err)
		}
	}
	if err := lookUp(personID, good); !errors.Is(err, staff.ErrTooManyTokens) {
		t.Errorf("after five, a good one: %v", err)
	}
	if err := lookUp(anotherID, good); err != nil {
		t.Errorf("for another account: %v", err)
	}
	p.clock.Advance(time.Hour)
	if err := lookUp(personID, good); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestTwoWithOneToken(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	token, phone := p.invite(p.clinic(ownerID))
	results := make(chan error, 10)
	var all sync.WaitGroup
	for id := range int64(10) {
		all.Go(func() {
			_, err := p.Join(t.Context(), staff.Joining{Token: token, TelegramID: 100 + id/2, Language: "en", Phone: phone})
			results <- err
		})
	}
	all.Wait()
	close(results)
	var joined int
	for err := range results {
		if err == nil {
			joined++
		} else if !errors.Is(err, staff.ErrTokenUsed) {
			t.Error(err)
		}
	}
	var members int
	for id := range int64(5) {
		if p.find(100 + id).Known() {
			members++
		}
	}
	if joined != 2 || members != 1 { // each account came twice
		t.Errorf("%d of 10 joined, %d of 5 accounts are members; want the two tries of one", joined, members)
	}
}

func TestMovingToAnotherAccount(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	token, phone := p.invite(owner)
	member := p.join(personID, token, phone).Member

	token, err := p.NewLink(t.Context(), owner, member.StaffID)
	p.must(err)
	if !p.find(personID).Known() {
		t.Error("cut off before the new account has joined")
	}
	moved := p.join(anotherID, token, phone)
	if moved.Member.StaffID != member.StaffID {
		t.Errorf("the new account has membership %d, want %d", moved.Member.StaffID, member.StaffID)
	}
	if p.find(personID).Known() {
		t.Error("the old account is still in")
	}
}

func TestJoiningTwiceUnderTwoNames(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	owner := p.clinic(ownerID)
	p.hire(owner, personID)
	token, phone := p.invite(owner)
	_, err := p.Join(t.Context(), staff.Joining{Token: token, TelegramID: personID, Language: "en", Phone: phone})
	if !errors.Is(err, staff.ErrAlreadyMember) {
		t.Errorf("got %v", err)
	}
}

func (p *platform) colleagues(owner staff.Member) []staff.Colleague {
	p.t.Helper()
	list, err := p.List(p.t.Context(), owner)
	p.must(err)
	return list
}
