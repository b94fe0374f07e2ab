//! Connecting by the name of a host: the lookup has a thread of its own, and every address is tried.

use super::{Fix, once};

/// The edits, in the order of application; those of `resolver` come before.
pub(super) const FIXES: &[Fix] = &[
    once(
        "name-lookup",
        "src/tcp_connecter.cpp",
        "    _s = tcp_open_socket (_addr->address.c_str (), options, false, true,
                          _addr->resolved.tcp_addr);
",
        "    _s = next_address (_addr->resolved.tcp_addr)
           ? tcp_open_socket (NULL, options, false, true,
                              _addr->resolved.tcp_addr)
           : retired_fd;
",
    ),
    once(
        "name-lookup",
        "src/tcp_connecter.cpp",
        "            && errno == ECONNREFUSED)) {\n",
        "            && errno == ECONNREFUSED)
        && !has_next_address ()) {
",
    ),
    once(
        "name-lookup",
        "src/tcp_connecter.cpp",
        "    //  Open the connecting socket.\n",
        "    if (!find_addresses (_addr->address))
        return;

    //  Open the connecting socket.
",
    ),
    once(
        "name-lookup",
        "src/ws_connecter.cpp",
        "    //  Open the connecting socket.\n",
        "    if (!find_addresses (
          _addr->address.substr (0, _addr->address.find ('/'))))
        return;

    //  Open the connecting socket.
",
    ),
    once(
        "name-lookup",
        "src/ws_connecter.cpp",
        "    _s = tcp_open_socket (
      _addr->address.substr (0, _addr->address.find ('/')).c_str (), options, false, true,
                          &tcp_addr);
",
        "    _s = next_address (&tcp_addr)
           ? tcp_open_socket (NULL, options, false, true, &tcp_addr)
           : retired_fd;
",
    ),
    once(
        "name-lookup",
        "src/socks_connecter.cpp",
        "    //  Open the connecting socket.\n",
        "    if (!find_addresses (_proxy_addr->address))
        return;

    //  Open the connecting socket.
",
    ),
    once(
        "name-lookup",
        "src/socks_connecter.cpp",
        "    _s = tcp_open_socket (_proxy_addr->address.c_str (), options, false, false,
                          _proxy_addr->resolved.tcp_addr);
",
        "    _s = next_address (_proxy_addr->resolved.tcp_addr)
           ? tcp_open_socket (NULL, options, false, false,
                              _proxy_addr->resolved.tcp_addr)
           : retired_fd;
",
    ),
    once(
        "name-lookup",
        "src/socks_connecter.cpp",
        "    int expected_status = -1;\n",
        "    if (take_addresses ())
        return;
    int expected_status = -1;
",
    ),
    once(
        "name-lookup",
        "src/stream_connecter_base.cpp",
        "    //  We are not polling for incoming data, so we are actually called\n",
        "    if (take_addresses ())
        return;

    //  We are not polling for incoming data, so we are actually called
",
    ),
    once(
        "name-lookup",
        "src/stream_connecter_base.cpp",
        "    _current_reconnect_ivl (-1),\n",
        "    _current_reconnect_ivl (-1),
    _addresses_found (false),
    _lookup_waits (false),
",
    ),
    // The wait is between one round through the addresses and the next.
    once(
        "name-lookup",
        "src/stream_connecter_base.cpp",
        "    if (options.reconnect_ivl > 0) {\n",
        "    if (has_next_address ()) {
        start_connecting ();
        return;
    }
    if (options.reconnect_ivl > 0) {
",
    ),
    once(
        "name-lookup",
        "src/stream_connecter_base.cpp",
        "    if (_handle) {
        rm_handle ();
    }
",
        "    if (_handle) {
        rm_handle ();
    }
    _lookup.reset ();
",
    ),
    once(
        "name-lookup",
        "src/stream_connecter_base.hpp",
        "#include \"io_object.hpp\"\n",
        "#include \"io_object.hpp\"
#include \"tcp_address.hpp\"

#include <memory>
#include <string>
#include <vector>
",
    ),
    once(
        "name-lookup",
        "src/stream_connecter_base.hpp",
        "class session_base_t;\n",
        "class session_base_t;
class lookup_t;
",
    ),
    once(
        "name-lookup",
        "src/stream_connecter_base.hpp",
        "    //  Internal function to add a reconnect timer\n",
        "    //  Whether it is known which addresses this name has, if any. If not,
    //  start_connecting is called again when it is.
    bool find_addresses (const std::string &name_);

    //  Takes what was looked up, if that is what the event is about.
    bool take_addresses ();

    //  The addresses that were not tried yet.
    bool has_next_address () const;
    bool next_address (tcp_address_t *address_);

    //  Internal function to add a reconnect timer
",
    ),
    once(
        "name-lookup",
        "src/stream_connecter_base.hpp",
        "    int _current_reconnect_ivl;\n",
        "    int _current_reconnect_ivl;

    //  What is being looked up, and what was found.
    std::shared_ptr<lookup_t> _lookup;
    std::vector<tcp_address_t> _addresses;
    bool _addresses_found;
    bool _lookup_waits;
",
    ),
    once("name-lookup", "src/stream_connecter_base.cpp", "#include <limits>\n", LOOKUP),
    once(
        "name-lookup",
        "src/stream_connecter_base.cpp",
        "void zmq::stream_connecter_base_t::rm_handle ()\n",
        "bool zmq::stream_connecter_base_t::find_addresses (const std::string &name_)
{
    if (_addresses_found)
        return true;

    //  Of many that wait for a place, each asks often, and mostly in vain.
    if (_lookup_waits && !lookup_t::has_room ()) {
        add_timer (50, reconnect_timer_id);
        _reconnect_timer_started = true;
        return false;
    }
    _lookup_waits = false;

    //  Numbers need nobody else.
    tcp_address_t numbers;
    if (numbers.resolve (name_.c_str (), false, options.ipv6, true) == 0) {
        _addresses.push_back (numbers);
        _addresses_found = true;
        return true;
    }

    std::shared_ptr<lookup_t> lookup (
      new (std::nothrow) lookup_t (name_, options.ipv6));
    alloc_assert (lookup);
    switch (lookup_t::start (lookup)) {
        case lookup_t::started:
            _lookup = lookup;
            _handle = add_fd (lookup->get_fd ());
            set_pollin (_handle);
            return false;
        case lookup_t::too_many:
            _lookup_waits = true;
            add_timer (50, reconnect_timer_id);
            _reconnect_timer_started = true;
            return false;
        default:
            //  Without a thread or a descriptor for it, everybody here waits.
            lookup->run ();
            lookup->take (_addresses);
            _addresses_found = true;
            return true;
    }
}

bool zmq::stream_connecter_base_t::take_addresses ()
{
    if (!_lookup)
        return false;
    if (_lookup->take (_addresses)) {
        rm_handle ();
        _lookup.reset ();
        _addresses_found = true;
        start_connecting ();
    }
    return true;
}

bool zmq::stream_connecter_base_t::has_next_address () const
{
    return !_addresses.empty ();
}

bool zmq::stream_connecter_base_t::next_address (tcp_address_t *address_)
{
    if (_addresses.empty ()) {
        _addresses_found = false;
        errno = EINVAL;
        return false;
    }
    *address_ = _addresses.front ();
    _addresses.erase (_addresses.begin ());
    _addresses_found = !_addresses.empty ();
    return true;
}

void zmq::stream_connecter_base_t::rm_handle ()
",
    ),
];

/// A name that is looked up on a thread of its own, for as long as that takes. Both the thread and the connecter that asked keep
/// it, so that neither waits for the other: not the end of a socket or context for a name server that is silent.
const LOOKUP: &str = r#"#include <limits>
#include <atomic>
#include <string.h>

#include "mutex.hpp"
#include "signaler.hpp"
#include "tcp_address.hpp"

#ifndef ZMQ_HAVE_WINDOWS
#include <pthread.h>
#include <signal.h>
#else
#include <process.h>
#endif

namespace zmq
{
class lookup_t
{
  public:
    enum outcome_t
    {
        started,
        too_many,
        failed
    };

    lookup_t (const std::string &name_, bool ipv6_) :
        _name (name_), _ipv6 (ipv6_), _done (false)
    {
    }

    //  Starts a thread that runs it.
    static outcome_t start (const std::shared_ptr<lookup_t> &lookup_);

    //  Asks, and waits for the answer.
    void run ()
    {
        std::vector<tcp_address_t> found;
        tcp_address_t first;
        if (first.resolve (_name.c_str (), false, _ipv6, false, &found) != 0)
            found.clear ();
        scoped_lock_t lock (_sync);
        _found.swap (found);
        _done = true;
        if (_signaler.valid ())
            _signaler.send ();
    }

    //  What was found, if it was.
    bool take (std::vector<tcp_address_t> &found_)
    {
        scoped_lock_t lock (_sync);
        if (_done)
            found_.swap (_found);
        return _done;
    }

    //  Readable when it was.
    fd_t get_fd () const { return _signaler.get_fd (); }

    //  How many threads look something up in this process, and may.
    static std::atomic<int> running;
    static const int most = 64;

    //  Whether another one may. A child counts anew when it starts its first.
    static bool has_room () { return running.load () < most; }

  private:
    const std::string _name;
    const bool _ipv6;
    signaler_t _signaler;
    mutex_t _sync;
    bool _done;
    std::vector<tcp_address_t> _found;

    ZMQ_NON_COPYABLE_NOR_MOVABLE (lookup_t)
};

std::atomic<int> lookup_t::running (0);
}

#ifdef ZMQ_HAVE_WINDOWS
static unsigned int __stdcall look_up (void *lookup_)
#else
extern "C" {
static void *look_up (void *lookup_)
#endif
{
    std::shared_ptr<zmq::lookup_t> *const lookup =
      static_cast<std::shared_ptr<zmq::lookup_t> *> (lookup_);
    (*lookup)->run ();
    delete lookup;
    zmq::lookup_t::running.fetch_sub (1);
    return 0;
}
#ifndef ZMQ_HAVE_WINDOWS
}
#endif

zmq::lookup_t::outcome_t
zmq::lookup_t::start (const std::shared_ptr<lookup_t> &lookup_)
{
    if (!lookup_->_signaler.valid ())
        return failed;

#ifndef ZMQ_HAVE_WINDOWS
    //  The threads of a parent are not those of its child.
    static std::atomic<long> process (0);
    const long here = static_cast<long> (getpid ());
    if (process.exchange (here) != here)
        running.store (0);
#endif
    if (running.fetch_add (1) >= most) {
        running.fetch_sub (1);
        return too_many;
    }

    std::shared_ptr<lookup_t> *const shared =
      new (std::nothrow) std::shared_ptr<lookup_t> (lookup_);
    alloc_assert (shared);
#ifdef ZMQ_HAVE_WINDOWS
    const uintptr_t thread = _beginthreadex (NULL, 0, look_up, shared, 0, NULL);
    const bool made = thread != 0;
    if (made)
        CloseHandle (reinterpret_cast<HANDLE> (thread));
#else
    //  It handles no signals.
    sigset_t all;
    sigset_t before;
    sigfillset (&all);
    const bool masked = pthread_sigmask (SIG_SETMASK, &all, &before) == 0;
    pthread_t thread;
    const bool made = pthread_create (&thread, NULL, look_up, shared) == 0;
    if (made)
        pthread_detach (thread);
    if (masked)
        pthread_sigmask (SIG_SETMASK, &before, NULL);
#endif
    if (!made) {
        running.fetch_sub (1);
        delete shared;
        return failed;
    }
    return started;
}
"#;
