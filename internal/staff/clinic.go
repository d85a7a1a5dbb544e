package staff

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
)

// A NewClinic is what an admin says of a clinic. Phones are E.164; what is empty is not known.
type NewClinic struct {
	Key         db.Key // of the dialog: confirmed twice, the clinic is made once
	Name        string
	OwnerName   string
	OwnerPhone  string // what the owner must share on joining
	SecondPhone string
	Country     string // ISO code; its time zone becomes the clinic's
	Location    string
	Email       string
	Links       []string
}

// A ClinicInvite asks the owner of a clinic in.
type ClinicInvite struct {
	ClinicID   int64
	ClinicName string
	OwnerName  string
	Token      string
	ExpiresAt  time.Time
}

// CreateClinic makes a clinic, the membership of its owner and a token for them. Confirmed again under the same key, it
// returns the same clinic with a new token, which closes the former.
func (s *Staff) CreateClinic(ctx context.Context, by Speaker, clinic NewClinic) (ClinicInvite, error) {
	scope, err := by.Platform(s.db, RightManageClinics)
	if err != nil {
		return ClinicInvite{}, err
	}
	var invite ClinicInvite
	err = scope.InTx(ctx, func(tx db.Tx) error {
		clinicID, err := s.found(ctx, tx, by, clinic)
		if err != nil {
			return err
		}
		invite, err = s.inviteOwner(ctx, tx, by, clinicID)
		return err
	})
	return invite, explain("create a clinic", err)
}

// NewOwnerLink makes a new token for the owner of a clinic, which closes the former. An owner who joins by it takes the
// membership along to the new account.
func (s *Staff) NewOwnerLink(ctx context.Context, by Speaker, clinicID int64) (ClinicInvite, error) {
	scope, err := by.Platform(s.db, RightManageClinics)
	if err != nil {
		return ClinicInvite{}, err
	}
	var invite ClinicInvite
	err = scope.InTx(ctx, func(tx db.Tx) error {
		invite, err = s.inviteOwner(ctx, tx, by, clinicID)
		return err
	})
	return invite, explain("make an owner's link", err)
}

// found inserts the clinic and its owner, or finds the clinic the key has made before.
func (s *Staff) found(ctx context.Context, tx db.Tx, by Speaker, clinic NewClinic) (clinicID int64, err error) {
	now := s.clock.Now()
	clinicID, err = s.query.ClinicInsert(ctx, tx, db.ClinicInsertParams{
		Name: clinic.Name, OwnerName: clinic.OwnerName, OwnerPhone: clinic.OwnerPhone,
		SecondPhone: unlessEmpty(clinic.SecondPhone), CountryCode: clinic.Country,
		Location: unlessEmpty(clinic.Location), Email: unlessEmpty(clinic.Email), Links: append([]string{}, clinic.Links...),
		CreationKey: clinic.Key, Now: now, CreatedBy: by.TelegramID,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return s.query.ClinicByCreationKey(ctx, tx, clinic.Key)
	}
	if err != nil {
		return 0, err
	}
	_, err = s.query.StaffInsert(ctx, tx, db.StaffInsertParams{
		ClinicID: clinicID, Role: string(RoleClinicOwner), FullName: clinic.OwnerName, Phone: clinic.OwnerPhone,
		Now: now, InvitedBy: by.TelegramID, InviteKey: &clinic.Key,
	})
	return clinicID, err
}

// inviteOwner makes a token for the owner of a clinic.
func (s *Staff) inviteOwner(ctx context.Context, tx db.Tx, by Speaker, clinicID int64) (ClinicInvite, error) {
	owner, err := s.query.StaffLockOwner(ctx, tx, clinicID)
	if errors.Is(err, pgx.ErrNoRows) {
		return ClinicInvite{}, ErrNotFound
	}
	if err != nil {
		return ClinicInvite{}, err
	}
	token, err := s.newLink(ctx, tx, by.TelegramID, clinicID, owner.StaffID)
	return ClinicInvite{
		ClinicID: clinicID, ClinicName: owner.ClinicName, OwnerName: owner.FullName,
		Token: token, ExpiresAt: s.clock.Now().Add(LinkLife),
	}, err
}

func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
