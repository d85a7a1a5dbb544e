package staff

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
)

// An Invitation is whom a clinic owner asks in, as what.
type Invitation struct {
	Key   db.Key // of the dialog: confirmed twice, one membership is made
	Role  Role   // doctor or receptionist
	Name  string
	Phone string // E.164; what the invited must share on joining
}

// Invite makes a membership and its token, if the clinic's subscription has a place left: ErrStaffLimit otherwise.
// Confirmed again under the same key, it returns a new token for the same membership, which closes the former.
func (s *Staff) Invite(ctx context.Context, by Member, invitation Invitation) (token string, err error) {
	if invitation.Role != RoleDoctor && invitation.Role != RoleReceptionist {
		return "", ErrRole
	}
	err = s.inStaff(ctx, by, func(tx db.Tx) error {
		staffID, err := s.query.StaffByInviteKey(ctx, tx, by.ClinicID, invitation.Key)
		if errors.Is(err, pgx.ErrNoRows) {
			staffID, err = s.insert(ctx, tx, by, invitation)
		}
		if err != nil {
			return err
		}
		token, err = s.linkOf(ctx, tx, by, staffID)
		return err
	})
	return token, explain("invite", err)
}

// NewLink makes a new token for a doctor or receptionist, which closes the former: it was lost, it has expired, or the
// member has a new Telegram account, to which the membership moves on joining.
func (s *Staff) NewLink(ctx context.Context, by Member, staffID int64) (token string, err error) {
	err = s.inStaff(ctx, by, func(tx db.Tx) error {
		token, err = s.linkOf(ctx, tx, by, staffID)
		return err
	})
	return token, explain("make a new link", err)
}

// Stop ends the work of a doctor or receptionist from the very next update on, and closes an open link. Stopping twice is
// stopping once.
func (s *Staff) Stop(ctx context.Context, by Member, staffID int64) error {
	err := s.inStaff(ctx, by, func(tx db.Tx) error {
		if _, err := s.lockOne(ctx, tx, by, staffID); err != nil {
			return err
		}
		now := s.clock.Now()
		_, err := s.query.StaffStop(ctx, tx, db.StaffStopParams{
			Now: now, StoppedBy: by.TelegramID, ClinicID: by.ClinicID, StaffID: staffID,
		})
		if err != nil {
			return err
		}
		return s.query.InviteRevoke(ctx, tx, db.InviteRevokeParams{Now: now, ClinicID: by.ClinicID, StaffID: staffID})
	})
	return explain("stop a member", err)
}

// Reactivate takes a stopped doctor or receptionist back, if there is a place: ErrStaffLimit otherwise. Who had joined
// works on at once; who had not needs a new link.
func (s *Staff) Reactivate(ctx context.Context, by Member, staffID int64) error {
	err := s.inStaff(ctx, by, func(tx db.Tx) error {
		member, err := s.lockOne(ctx, tx, by, staffID)
		if err != nil || member.StoppedAt == nil {
			return err
		}
		if member.TelegramID != nil {
			if err := s.needPlace(ctx, tx, by); err != nil {
				return err
			}
		}
		return s.query.StaffReactivate(ctx, tx, by.ClinicID, staffID)
	})
	return explain("take a member back", err)
}

// inStaff runs a change of the clinic's staff in one transaction, one such change of the clinic at a time: places are
// counted and taken without anybody in between.
func (s *Staff) inStaff(ctx context.Context, by Member, change func(tx db.Tx) error) error {
	if !by.May(RightManageStaff) {
		return ErrNotAllowed
	}
	return by.Scope(s.db).InTx(ctx, func(tx db.Tx) error {
		if err := s.query.StaffLock(ctx, tx, by.ClinicID); err != nil {
			return err
		}
		return change(tx)
	})
}

func (s *Staff) insert(ctx context.Context, tx db.Tx, by Member, invitation Invitation) (staffID int64, err error) {
	if err := s.needPlace(ctx, tx, by); err != nil {
		return 0, err
	}
	return s.query.StaffInsert(ctx, tx, db.StaffInsertParams{
		ClinicID: by.ClinicID, Role: string(invitation.Role), FullName: invitation.Name, Phone: invitation.Phone,
		Now: s.clock.Now(), InvitedBy: by.TelegramID, InviteKey: &invitation.Key,
	})
}

// linkOf makes a token for a doctor or receptionist. Who has not joined needs a place: the one an open link holds, or one
// that is free.
func (s *Staff) linkOf(ctx context.Context, tx db.Tx, by Member, staffID int64) (token string, err error) {
	member, err := s.lockOne(ctx, tx, by, staffID)
	if err != nil {
		return "", err
	}
	if member.StoppedAt != nil {
		return "", ErrStopped
	}
	if member.TelegramID == nil {
		open, err := s.query.StaffHasOpenInvite(ctx, tx, db.StaffHasOpenInviteParams{
			ClinicID: by.ClinicID, StaffID: staffID, Now: s.clock.Now(),
		})
		if err != nil {
			return "", err
		}
		if !open {
			if err := s.needPlace(ctx, tx, by); err != nil {
				return "", err
			}
		}
	}
	return s.newLink(ctx, tx, by.TelegramID, by.ClinicID, staffID)
}

// lockOne holds a membership the clinic may change: not its owner's, which only the platform may.
func (s *Staff) lockOne(ctx context.Context, tx db.Tx, by Member, staffID int64) (db.Staff, error) {
	member, err := s.query.StaffLockOne(ctx, tx, by.ClinicID, staffID)
	if errors.Is(err, pgx.ErrNoRows) {
		return member, ErrNotFound
	}
	return member, err
}

// newLink closes the open link of a membership and makes a new one.
func (s *Staff) newLink(ctx context.Context, tx db.Tx, by, clinicID, staffID int64) (token string, err error) {
	now := s.clock.Now()
	err = s.query.InviteRevoke(ctx, tx, db.InviteRevokeParams{Now: now, ClinicID: clinicID, StaffID: staffID})
	if err != nil {
		return "", err
	}
	token, hash := newToken()
	return token, s.query.InviteInsert(ctx, tx, db.InviteInsertParams{
		ClinicID: clinicID, TokenHash: hash, StaffID: staffID, Now: now, CreatedBy: by, ExpiresAt: now.Add(LinkLife),
	})
}

// needPlace returns a *LimitError if the clinic has no place left.
func (s *Staff) needPlace(ctx context.Context, tx db.Tx, by Member) error {
	places, err := s.query.StaffPlaces(ctx, tx, db.StaffPlacesParams{
		ClinicID: by.ClinicID, Now: s.clock.Now(), Today: s.clock.Today(by.Zone()),
	})
	if err != nil {
		return err
	}
	if unlimited := places.Sold < 0; !unlimited && places.Taken >= places.Sold {
		return &LimitError{Taken: int(places.Taken), Sold: int(places.Sold)}
	}
	return nil
}
