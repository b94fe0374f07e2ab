//! Files that only their owner can read.

#[cfg(unix)]
pub(crate) use unix::create_new;
#[cfg(windows)]
pub(crate) use windows::create_new;

#[cfg(unix)]
mod unix {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    /// Creates a file that only its owner can read. Fails if the path exists, even as a link.
    pub(crate) fn create_new(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    }
}

#[cfg(windows)]
mod windows {
    use core::ffi::c_void;
    use core::mem::{MaybeUninit, size_of};
    use core::ptr::{null_mut, without_provenance_mut};
    use std::fs::File;
    use std::io;
    use std::os::windows::ffi::OsStrExt;
    use std::os::windows::io::FromRawHandle;
    use std::path::{Component, Path, Prefix, absolute};

    use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
    use windows_sys::Win32::Security::{
        ACCESS_ALLOWED_ACE, ACL, ACL_REVISION, AddAccessAllowedAce, GetTokenInformation, InitializeAcl,
        InitializeSecurityDescriptor, PSID, SE_DACL_PROTECTED, SECURITY_ATTRIBUTES, SECURITY_DESCRIPTOR,
        SetSecurityDescriptorControl, SetSecurityDescriptorDacl, TOKEN_USER, TokenUser,
    };
    use windows_sys::Win32::Storage::FileSystem::{
        CREATE_NEW, CreateFileW, FILE_ALL_ACCESS, FILE_ATTRIBUTE_NORMAL, FILE_GENERIC_WRITE,
        FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
    };
    use windows_sys::core::BOOL;

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

    /// Creates a file that only its owner can read. Fails if the path exists, even as a link. The file does not inherit the permissions of
    /// its directory. A file system without permissions, such as FAT, keeps the file readable for all, as on Unix.
    pub(crate) fn create_new(path: &Path) -> io::Result<File> {
        let path = wide(path)?;
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
        let attributes = SECURITY_ATTRIBUTES {
            nLength: bytes_of::<SECURITY_ATTRIBUTES>(),
            lpSecurityDescriptor: descriptor,
            bInheritHandle: 0,
        };
        // SAFETY: a path that ends with a zero, and an initialized descriptor with an initialized list. There is no template.
        let handle = unsafe {
            CreateFileW(
                path.as_ptr(),
                FILE_GENERIC_WRITE,
                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                &raw const attributes,
                CREATE_NEW,
                FILE_ATTRIBUTE_NORMAL,
                null_mut(),
            )
        };
        if handle == INVALID_HANDLE_VALUE {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: an open handle, which nothing else owns.
        Ok(unsafe { File::from_raw_handle(handle) })
    }

    /// Returns the path as a text that ends with a zero. It is absolute, and may be longer than 260 characters.
    fn wide(path: &Path) -> io::Result<Vec<u16>> {
        let path = absolute(path)?;
        // Without the prefix, Windows limits the length.
        let (prefix, skipped) = match path.components().next() {
            Some(Component::Prefix(prefix)) => match prefix.kind() {
                Prefix::Disk(_) => (r"\\?\", 0),
                Prefix::UNC(..) => (r"\\?\UNC\", r"\\".len()),
                _ => ("", 0),
            },
            _ => ("", 0),
        };
        let rest = path.as_os_str().encode_wide().skip(skipped);
        let mut wide: Vec<u16> = prefix.encode_utf16().chain(rest).collect();
        if wide.contains(&0) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        wide.push(0);
        Ok(wide)
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
        use std::io::Write as _;
        use std::os::windows::io::AsRawHandle as _;

        use windows_sys::Win32::Security::{
            DACL_SECURITY_INFORMATION, EqualSid, GetAce, GetKernelObjectSecurity, GetSecurityDescriptorDacl,
            IsWellKnownSid, WinLocalSystemSid,
        };

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
            let directory = std::env::temp_dir().join(format!("zmq-private-{}", std::process::id()));
            // A test that failed may have left it.
            let _ = std::fs::remove_dir_all(&directory);
            // Longer than the paths that Windows usually allows.
            let path = directory.join("d".repeat(120)).join("e".repeat(120)).join("secret");
            assert_eq!(create_new(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut file = create_new(&path).unwrap();
            assert!((1..=2).contains(&users(&file)));
            file.write_all(b"secret").unwrap();
            drop(file);
            assert_eq!(create_new(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&path).unwrap(), b"secret");
            create_new(Path::new("..")).unwrap_err();
            std::fs::remove_dir_all(&directory).unwrap();
        }

        #[test]
        fn paths_are_absolute_and_may_be_long() {
            let wide = |path: &str| {
                let mut wide = wide(Path::new(path)).unwrap();
                assert_eq!(wide.pop(), Some(0));
                String::from_utf16(&wide).unwrap()
            };
            assert_eq!(wide(r"C:\keys\mine"), r"\\?\C:\keys\mine");
            assert_eq!(wide(r"C:/keys/../mine"), r"\\?\C:\mine");
            assert_eq!(wide(r"\\server\share\mine"), r"\\?\UNC\server\share\mine");
            assert_eq!(wide(r"\\?\C:\keys\mine"), r"\\?\C:\keys\mine");
            assert!(wide("mine").starts_with(r"\\?\"));
            assert!(super::wide(Path::new("mi\0ne")).is_err());
        }
    }
}
