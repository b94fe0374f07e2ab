//! Files that only their owner can read.

use std::fs::{File, OpenOptions};
use std::io;

/// Lets nobody else read the file before [`restrict`] was called.
#[cfg(unix)]
pub(crate) fn prepare(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

/// Lets only the owner read a new file.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "on Windows, this can fail")]
pub(crate) fn restrict(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(windows)]
pub(crate) use windows::{prepare, restrict};

#[cfg(windows)]
mod windows {
    use core::ffi::c_void;
    use core::mem::{MaybeUninit, size_of};
    use core::ptr::without_provenance_mut;
    use std::os::windows::fs::OpenOptionsExt;
    use std::os::windows::io::AsRawHandle;

    use windows_sys::Win32::Foundation::{
        ERROR_CALL_NOT_IMPLEMENTED, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, HANDLE,
    };
    use windows_sys::Win32::Security::{
        ACCESS_ALLOWED_ACE, ACL, ACL_REVISION, AddAccessAllowedAce, DACL_SECURITY_INFORMATION,
        GetTokenInformation, InitializeAcl, InitializeSecurityDescriptor,
        PROTECTED_DACL_SECURITY_INFORMATION, PSID, SE_DACL_PROTECTED, SECURITY_DESCRIPTOR,
        SetKernelObjectSecurity, SetSecurityDescriptorControl, SetSecurityDescriptorDacl, TOKEN_USER,
        TokenUser,
    };
    use windows_sys::Win32::Storage::FileSystem::{
        FILE_ALL_ACCESS, FILE_GENERIC_WRITE, FILE_SHARE_DELETE, WRITE_DAC,
    };
    use windows_sys::core::BOOL;

    use super::{File, OpenOptions, io};

    /// The length of the longest identifier of a user.
    const SID_BYTES: usize = 68;

    /// The only revision of descriptors.
    const REVISION: u32 = 1;

    /// Room for a user and its identifier, to which the user points.
    #[repr(C)]
    struct User {
        user: MaybeUninit<TOKEN_USER>,
        sid: MaybeUninit<[u8; SID_BYTES]>,
    }

    /// Room for a list with one entry.
    #[repr(C)]
    struct List {
        list: MaybeUninit<ACL>,
        entry: MaybeUninit<ACCESS_ALLOWED_ACE>,
        sid: MaybeUninit<[u8; SID_BYTES]>,
    }

    /// Others cannot open the file while it is open. They can delete it, and so can its owner.
    pub(crate) fn prepare(options: &mut OpenOptions) {
        options.access_mode(FILE_GENERIC_WRITE | WRITE_DAC).share_mode(FILE_SHARE_DELETE);
    }

    /// Replaces the permissions that the file has inherited from its directory. A file system without permissions, such as FAT, keeps
    /// the file readable for all, as on Unix.
    pub(crate) fn restrict(file: &File) -> io::Result<()> {
        let mut user = User { user: MaybeUninit::uninit(), sid: MaybeUninit::uninit() };
        let mut list =
            List { list: MaybeUninit::uninit(), entry: MaybeUninit::uninit(), sid: MaybeUninit::uninit() };
        let mut descriptor = MaybeUninit::<SECURITY_DESCRIPTOR>::uninit();
        let owner = owner(&mut user)?;
        let list = only_for(owner, &mut list)?;
        let descriptor: *mut c_void = descriptor.as_mut_ptr().cast();
        // SAFETY: room for a descriptor.
        check(unsafe { InitializeSecurityDescriptor(descriptor, REVISION) })?;
        // SAFETY: an initialized descriptor, and an initialized list, which outlives it.
        check(unsafe { SetSecurityDescriptorDacl(descriptor, 1, list, 0) })?;
        // SAFETY: an initialized descriptor.
        check(unsafe { SetSecurityDescriptorControl(descriptor, SE_DACL_PROTECTED, SE_DACL_PROTECTED) })?;
        let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
        // SAFETY: an open file, and an initialized descriptor with an initialized list.
        let restricted = check(unsafe { SetKernelObjectSecurity(file.as_raw_handle(), what, descriptor) });
        match restricted {
            Err(error) if !is_without_permissions(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether the error says that the file system has no permissions.
    fn is_without_permissions(error: &io::Error) -> bool {
        let number = error.raw_os_error().and_then(|number| u32::try_from(number).ok());
        matches!(number, Some(ERROR_INVALID_FUNCTION | ERROR_NOT_SUPPORTED | ERROR_CALL_NOT_IMPLEMENTED))
    }

    fn check(success: BOOL) -> io::Result<()> {
        if success == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn bytes_of<T>() -> u32 {
        size_of::<T>().try_into().unwrap_or_default()
    }

    /// Finds out for which user the thread creates files. The result points into `room`.
    fn owner(room: &mut User) -> io::Result<PSID> {
        /// The token of the thread, or of the process if the thread has none.
        const THREAD: HANDLE = without_provenance_mut(usize::MAX - 5);
        let mut len = 0;
        let bytes = bytes_of::<User>();
        // SAFETY: a pseudo handle, which is always open; room for a user and its identifier; a valid place for the length.
        check(unsafe {
            GetTokenInformation(THREAD, TokenUser, (&raw mut *room).cast(), bytes, &raw mut len)
        })?;
        // SAFETY: the call succeeded, so it has written the user.
        Ok(unsafe { room.user.assume_init_ref() }.User.Sid)
    }

    /// Makes a list that permits everything to this user, and nothing to anybody else.
    fn only_for(user: PSID, room: &mut List) -> io::Result<*const ACL> {
        let list: *mut ACL = (&raw mut *room).cast();
        // SAFETY: room for a list of this size.
        check(unsafe { InitializeAcl(list, bytes_of::<List>(), ACL_REVISION) })?;
        // SAFETY: an initialized list with room for the entry, and a valid identifier.
        check(unsafe { AddAccessAllowedAce(list, ACL_REVISION, FILE_ALL_ACCESS, user) })?;
        Ok(list)
    }

    #[cfg(test)]
    #[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    mod tests {
        use core::ptr::null_mut;

        use windows_sys::Win32::Security::{
            EqualSid, GetAce, GetKernelObjectSecurity, GetSecurityDescriptorDacl, IsWellKnownSid,
            WinLocalSystemSid,
        };
        use windows_sys::Win32::Storage::FileSystem::READ_CONTROL;

        use super::*;

        /// The number of users that the list of the file permits something. Fails if one of them is neither the user of the thread nor
        /// the system itself, which Wine always lists.
        fn users(file: &File) -> u32 {
            let mut user = User { user: MaybeUninit::uninit(), sid: MaybeUninit::uninit() };
            let owner = owner(&mut user).unwrap();
            let mut room = [0_u64; 64];
            let (descriptor, mut len) = (room.as_mut_ptr().cast(), 0);
            let bytes = bytes_of::<[u64; 64]>();
            // SAFETY: an open file, room for a descriptor of this length, and a valid place for its real length.
            check(unsafe {
                GetKernelObjectSecurity(
                    file.as_raw_handle(),
                    DACL_SECURITY_INFORMATION,
                    descriptor,
                    bytes,
                    &raw mut len,
                )
            })
            .unwrap();
            let (mut list, mut is_present, mut is_default) = (null_mut::<ACL>(), 0, 0);
            // SAFETY: a descriptor, and valid places for the results.
            check(unsafe {
                GetSecurityDescriptorDacl(descriptor, &raw mut is_present, &raw mut list, &raw mut is_default)
            })
            .unwrap();
            assert!(is_present != 0 && !list.is_null(), "the file has no list, so all may use it");
            // SAFETY: the list lies in the descriptor.
            let count = u32::from(unsafe { *list }.AceCount);
            for index in 0..count {
                let mut entry = null_mut();
                // SAFETY: a list with this entry, and a valid place for its address.
                check(unsafe { GetAce(list, index, &raw mut entry) }).unwrap();
                let entry: *mut ACCESS_ALLOWED_ACE = entry.cast();
                // SAFETY: the entry lies in the list.
                let sid: PSID = unsafe { &raw mut (*entry).SidStart }.cast();
                // SAFETY: two valid identifiers.
                let is_owner = unsafe { EqualSid(sid, owner) } != 0;
                // SAFETY: a valid identifier.
                let is_system = unsafe { IsWellKnownSid(sid, WinLocalSystemSid) } != 0;
                assert!(is_owner || is_system, "another user may use the file");
            }
            count
        }

        #[test]
        fn only_the_owner_may_use_a_file() {
            let path = std::env::temp_dir().join(format!("zmq-private-{}", std::process::id()));
            // A test that failed may have left the file.
            let _ = std::fs::remove_file(&path);
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            prepare(&mut options);
            let file = options.open(&path).unwrap();
            // Nobody can read the file before it is restricted.
            File::open(&path).unwrap_err();
            restrict(&file).unwrap();
            drop(file);
            let file = OpenOptions::new().access_mode(READ_CONTROL).open(&path).unwrap();
            assert!((1..=2).contains(&users(&file)));
            File::open(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
        }
    }
}
