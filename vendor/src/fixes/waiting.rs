//! What a process waits with, and what may lack for it: room for a watch, a descriptor to wake a thread with.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // Whatever the reason is, the caller looks whether there is a descriptor.
    Fix {
        name: "A173",
        file: "src/ip.cpp",
        anchor: "        errno_assert (errno == ENFILE || errno == EMFILE);\n",
        times: 2,
        instead: "",
    },
    // A process that may open nothing more may not poll either: poll (2) wants as many descriptors as it is to look at.
    once(
        "A174",
        "src/signaler.cpp",
        "#include \"signaler.hpp\"\n",
        "#if defined ZMQ_POLL_BASED_ON_POLL && !defined ZMQ_HAVE_WINDOWS                \\
  && !defined ZMQ_HAVE_AIX
#include <sys/select.h>
#endif

#include \"signaler.hpp\"
",
    ),
    once(
        "A174",
        "src/signaler.cpp",
        "    const int rc = poll (&pfd, 1, timeout_);
    if (unlikely (rc < 0)) {
        errno_assert (errno == EINTR);
        return -1;
    }
",
        "    int rc = poll (&pfd, 1, timeout_);
#if !defined ZMQ_HAVE_WINDOWS && !defined ZMQ_HAVE_AIX
    if (unlikely (rc < 0) && errno != EINTR && _r < FD_SETSIZE) {
        fd_set readable;
        FD_ZERO (&readable);
        FD_SET (_r, &readable);
        struct timeval timeout;
        timeout.tv_sec = timeout_ / 1000;
        timeout.tv_usec = timeout_ % 1000 * 1000;
        rc = select (_r + 1, &readable, NULL, NULL,
                     timeout_ >= 0 ? &timeout : NULL);
        if (rc == 1)
            pfd.revents = POLLIN;
    }
#endif
    if (unlikely (rc < 0)) {
        errno = EINTR;
        return -1;
    }
",
    ),
    // There is a limit of watches, which a user's processes share. What gets none is polled beside those that have one.
    once(
        "A175",
        "src/epoll.hpp",
        "        zmq::i_poll_events *events;\n    };\n",
        "        zmq::i_poll_events *events;
        bool watched;
    };

    void watch (poll_entry_t *entry_);
    void modify (poll_entry_t *entry_);
#ifndef ZMQ_HAVE_WINDOWS
    //  As epoll_wait, but also for those that are not watched.
    int wait_for_all (epoll_event *events_, int max_events_, int timeout_);
#endif

    //  Those for which the system had no room.
    std::vector<poll_entry_t *> _unwatched;
",
    ),
    once("A175", "src/epoll.cpp", "#include <unistd.h>\n", "#include <unistd.h>\n#include <poll.h>\n"),
    once(
        "A175",
        "src/epoll.cpp",
        "zmq::epoll_t::handle_t zmq::epoll_t::add_fd (",
        "void zmq::epoll_t::watch (poll_entry_t *entry_)
{
    const int rc =
      epoll_ctl (_epoll_fd, EPOLL_CTL_ADD, entry_->fd, &entry_->ev);
#ifdef ZMQ_HAVE_WINDOWS
    errno_assert (rc != -1);
#else
    errno_assert (rc != -1 || (errno != EBADF && errno != EEXIST));
#endif
    entry_->watched = rc != -1;
}

void zmq::epoll_t::modify (poll_entry_t *entry_)
{
    if (!entry_->watched)
        return;
    const int rc =
      epoll_ctl (_epoll_fd, EPOLL_CTL_MOD, entry_->fd, &entry_->ev);
    errno_assert (rc != -1);
}

#ifndef ZMQ_HAVE_WINDOWS
int zmq::epoll_t::wait_for_all (epoll_event *events_,
                                int max_events_,
                                int timeout_)
{
    //  There may be room by now.
    for (size_t i = 0; i != _unwatched.size ();) {
        watch (_unwatched[i]);
        if (_unwatched[i]->watched)
            _unwatched.erase (_unwatched.begin () + i);
        else
            ++i;
    }
    if (_unwatched.empty ())
        return epoll_wait (_epoll_fd, events_, max_events_, timeout_);

    std::vector<pollfd> fds (_unwatched.size () + 1);
    for (size_t i = 0; i != _unwatched.size (); ++i) {
        const uint32_t events = _unwatched[i]->ev.events;
        fds[i].fd = _unwatched[i]->fd;
        fds[i].events = static_cast<short> ((events & EPOLLIN ? POLLIN : 0)
                                            | (events & EPOLLOUT ? POLLOUT : 0));
    }
    fds.back ().fd = _epoll_fd;
    fds.back ().events = POLLIN;
    if (poll (&fds[0], static_cast<nfds_t> (fds.size ()), timeout_) == -1) {
        //  Of what cannot be polled either, it is found out by trying.
        if (errno != EINTR)
            usleep (10000);
        errno = EINTR;
        return -1;
    }

    //  Those that are watched have their part of the room.
    int found = 0;
    size_t looked = 0;
    while (looked != _unwatched.size () && found < max_events_ / 2) {
        const short got = fds[looked].revents;
        if (got) {
            events_[found].events =
              (got & (POLLIN | POLLNVAL) ? static_cast<uint32_t> (EPOLLIN) : 0)
              | (got & POLLOUT ? static_cast<uint32_t> (EPOLLOUT) : 0)
              | (got & POLLERR ? static_cast<uint32_t> (EPOLLERR) : 0)
              | (got & POLLHUP ? static_cast<uint32_t> (EPOLLHUP) : 0);
            events_[found].data.ptr = _unwatched[looked];
            ++found;
        }
        ++looked;
    }
    //  It is not always the same that are looked at first.
    std::rotate (_unwatched.begin (), _unwatched.begin () + looked,
                 _unwatched.end ());
    if (fds.back ().revents) {
        const int more =
          epoll_wait (_epoll_fd, events_ + found, max_events_ - found, 0);
        if (more > 0)
            found += more;
    }
    return found;
}
#endif

zmq::epoll_t::handle_t zmq::epoll_t::add_fd (",
    ),
    once(
        "A175",
        "src/epoll.cpp",
        "    const int rc = epoll_ctl (_epoll_fd, EPOLL_CTL_ADD, fd_, &pe->ev);\n    errno_assert (rc != -1);\n",
        "    watch (pe);\n    if (!pe->watched)\n        _unwatched.push_back (pe);\n",
    ),
    once(
        "A175",
        "src/epoll.cpp",
        "    const int rc = epoll_ctl (_epoll_fd, EPOLL_CTL_DEL, pe->fd, &pe->ev);\n    errno_assert (rc != -1);\n",
        "    if (pe->watched) {
        const int rc = epoll_ctl (_epoll_fd, EPOLL_CTL_DEL, pe->fd, &pe->ev);
        errno_assert (rc != -1);
    } else
        _unwatched.erase (
          std::find (_unwatched.begin (), _unwatched.end (), pe));
",
    ),
    Fix {
        name: "A175",
        file: "src/epoll.cpp",
        anchor: "    const int rc = epoll_ctl (_epoll_fd, EPOLL_CTL_MOD, pe->fd, &pe->ev);\n    errno_assert (rc != -1);\n",
        times: 4,
        instead: "    modify (pe);\n",
    },
    once(
        "A175",
        "src/epoll.cpp",
        "        const int n = epoll_wait (_epoll_fd, &ev_buf[0], max_io_events,
                                  timeout ? timeout : -1);
",
        "#ifdef ZMQ_HAVE_WINDOWS
        const int n = epoll_wait (_epoll_fd, &ev_buf[0], max_io_events,
                                  timeout ? timeout : -1);
#else
        const int n =
          _unwatched.empty ()
            ? epoll_wait (_epoll_fd, &ev_buf[0], max_io_events,
                          timeout ? timeout : -1)
            : wait_for_all (&ev_buf[0], max_io_events, timeout ? timeout : -1);
#endif
",
    ),
];
